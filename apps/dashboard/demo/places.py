"""Units below the demo counties."""

from apps.accounts.actions import create_organization
from apps.accounts.models import Level, Organization

CITIES = ("360400", "230200")
OFFICES = ("教育体育局", "卫生健康委员会", "农业农村局", "公安局", "水利局", "机关事务服务中心")
FEWER = OFFICES[:3]


def build_units() -> dict[str, list[Organization]]:
    """Make the bureau and the units of every county of the demo cities, and of the cities themselves. Returns region code → units people belong to."""
    made: dict[str, list[Organization]] = {}
    for city in Organization.objects.filter(code__in=CITIES, valid_to=None):
        made[city.code] = _units(city, OFFICES[:4])
        for county in Organization.objects.filter(parent=city, level=Level.COUNTY, valid_to=None):
            made[county.code] = _units(county, OFFICES if city.code == "360400" else FEWER)
    return made


def _units(region: Organization, offices: tuple[str, ...]) -> list[Organization]:
    create_organization(parent=region, name=f"{region.name}委老干部局", level=Level.BUREAU, by=None)
    return [create_organization(parent=region, name=f"{region.name}{office}", level=Level.UNIT, by=None) for office in offices]
