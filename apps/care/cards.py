"""一人一卡: what stands on the card that hangs at a person's home, in large type, and where its QR code leads."""

from dataclasses import dataclass

from django.urls import reverse

from apps.cadres.models import Cadre
from apps.care.models import DoctorContract, ServicePlan
from apps.core.qr import qr_code


@dataclass(frozen=True)
class Card:
    """``phone`` and ``emergency`` are masked unless asked for in the clear; ``qr`` is SVG of the address of the person's page, which asks to sign in."""

    cadre: Cadre
    worker: str
    worker_phone: str
    unit: str
    doctor: str
    phone: str
    emergency: str
    community: str
    qr: str


def card_of(cadre: Cadre, plan: ServicePlan | None, *, site: str, full: bool, contract: DoctorContract | None = None) -> Card:
    """``site`` is the portal's address without a slash at its end; ``contract`` the doctor's term that runs, else what the record says is printed."""
    signed = (contract.doctor, contract.phone, contract.institution, f"签约至 {contract.ends_on:%Y-%m-%d}") if contract else (cadre.family_doctor, cadre.hospital)
    worker = plan.worker if plan and plan.worker_id else None
    relation = f"（{cadre.emergency_relation}）" if cadre.emergency_relation else ""
    number = (cadre.emergency_phone if full else cadre.emergency_phone_masked) or ""
    return Card(
        cadre=cadre, worker=str(worker or ""), worker_phone=worker.phone if worker else "", unit=cadre.org.name,
        doctor="　".join(part for part in signed if part), phone=(cadre.phone if full else cadre.phone_masked) or "",
        emergency=f"{cadre.emergency_name}{relation} {number}".strip(), community=plan.community if plan else "",
        qr=qr_code(site + reverse("cadres:detail", args=[cadre.pk])),
    )  # fmt: skip
