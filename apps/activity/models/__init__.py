from apps.activity.models.audit import AuditEvent, AuditHead, AuditSeal
from apps.activity.models.notice import Channel, Delivery, DeliveryState, Notification
from apps.activity.models.robot import GroupMessage, GroupRobot, MessageForm, RobotKind

__all__ = ["AuditEvent", "AuditHead", "AuditSeal", "Channel", "Delivery", "DeliveryState", "GroupMessage", "GroupRobot", "MessageForm", "Notification", "RobotKind"]
