from apps.activity.models.audit import AuditEvent, AuditHead, AuditSeal
from apps.activity.models.notice import Channel, Delivery, DeliveryState, Notification

__all__ = ["AuditEvent", "AuditHead", "AuditSeal", "Channel", "Delivery", "DeliveryState", "Notification"]
