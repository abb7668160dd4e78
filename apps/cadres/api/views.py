"""``/api/cadres/``: list with the filters of the page, one person, opening, changing with a version, status changes."""

from django.core.exceptions import ObjectDoesNotExist
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import Right
from apps.cadres import actions, selectors
from apps.cadres.actions import ChangedMeanwhile
from apps.cadres.api.serializers import (
    CadreChangeSerializer,
    CadreCreateSerializer,
    CadreSerializer,
    ErrorSerializer,
    ListingSerializer,
    PersonValues,
    StatusChangeCreateSerializer,
    StatusChangeSerializer,
)
from apps.cadres.selectors.places import managing_units
from apps.core.refusal import Refused

ERRORS = {code: OpenApiResponse(ErrorSerializer) for code in (400, 401, 403, 404, 409, 429)}
TAG = ["人员"]
FILTERS = {
    "q": "姓名、拼音、单位、身份证号或后四位、手机号",
    "kind": "lixiu 或 retired",
    "class": "key、regular、routine 或 none",
    "age": "80-89、90- 或 -59",
    "residence": "居住地类型代码，可用逗号并列",
    "party": "政治面貌代码，或 member",
    "health": "健康状况代码",
    "self_care": "自理能力代码",
    "living": "居住状况代码",
    "resettled": "1 或 0",
    "standing": "active（默认）、moved、deceased 或 all",
    "org": "单位编号，含下级",
    "sort": "空（单位、姓名）、name、oldest、youngest 或 changed",
    "after": "下一页的游标",
    "before": "上一页的游标",
}


class RegistryView(APIView):
    rights = frozenset({Right.CADRE_VIEW})
    write_rights = frozenset({Right.CADRE_EDIT})

    def context(self) -> dict:
        if not hasattr(self, "_context"):
            self._context = {"book": selectors.codebook(), "today": self.request.today}
        return self._context

    def person(self, pk: int):
        try:
            return selectors.cadre(self.request.scope, pk)
        except ObjectDoesNotExist:
            raise NotFound("没有这个人，或者不在您的管理范围内。") from None

    def unit(self, key: int | None):
        """An organisation that may manage a person, inside the scope. Raises ``Refused``."""
        if key is None:
            return None
        if found := managing_units(self.request.scope, self.request.today).filter(pk=key).first():
            return found
        raise Refused("没有这个单位，或者不在您的管理范围内。", code="region_out_of_scope", field="org")

    def checked(self, kind, **kwargs) -> dict:
        given = kind(data=self.request.data, context=self.context(), **kwargs)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def answer(self, cadre, status: int = 200) -> Response:
        return Response(CadreSerializer(cadre, context=self.context()).data, status=status)


class CadreList(RegistryView):
    @extend_schema(
        tags=TAG,
        summary="人员名单",
        operation_id="cadres_list",
        parameters=[OpenApiParameter(name, str, description=text) for name, text in FILTERS.items()],
        responses={200: ListingSerializer} | ERRORS,
    )
    def get(self, request):
        query = request.query_params
        found = selectors.listing(
            request.scope,
            selectors.Filters.read(query),
            request.today,
            order=query.get("sort", ""),
            after=query.get("after", ""),
            before=query.get("before", ""),
            whole_rows=True,
        )
        return Response(
            {
                "count": min(found.count, selectors.COUNTED),
                "more": found.count > selectors.COUNTED,
                "next": self._page("after", found.next),
                "previous": self._page("before", found.previous),
                "results": CadreSerializer(found.rows, many=True, context=self.context()).data,
            }
        )

    def _page(self, name: str, cursor: str) -> str | None:
        if not cursor:
            return None
        query = self.request.query_params.copy()
        for gone in ("after", "before"):
            query.pop(gone, None)
        query[name] = cursor
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")

    @extend_schema(tags=TAG, summary="建档", request=CadreCreateSerializer, responses={201: CadreSerializer} | ERRORS)
    def post(self, request):
        data = self.checked(CadreCreateSerializer)
        extras = {name: data.pop(name) for name in ("arrival", "arrived_on", "document_no") if name in data}
        org = self.unit(data.pop("org"))
        cadre = actions.register_cadre(org=org, values=data, by=request.user, scope=request.scope, today=request.today, **extras)
        return self.answer(self.person(cadre.pk), 201)


class CadreDetail(RegistryView):
    @extend_schema(tags=TAG, summary="一个人", responses={200: CadreSerializer} | ERRORS)
    def get(self, request, pk: int):
        cadre = self.person(pk)
        actions.note_view(cadre=cadre, by=request.user)
        return self.answer(cadre)

    @extend_schema(tags=TAG, summary="修改档案", request=CadreChangeSerializer, responses={200: CadreSerializer} | ERRORS)
    def patch(self, request, pk: int):
        cadre = self.person(pk)
        data = self.checked(CadreChangeSerializer, instance=cadre)
        version, basis = data.pop("version"), data.pop("basis", "")
        try:
            actions.change_cadre(cadre=cadre, values=data, version=version, by=request.user, scope=request.scope, today=request.today, basis=basis)
        except ChangedMeanwhile as error:
            fields = {name: ["已被别人修改"] for name in error.changed}
            return Response({"code": error.code, "message": error.sentence, "field": "version", "version": error.version, "errors": fields}, status=409)
        return self.answer(self.person(pk))


class CadreChanges(RegistryView):
    @extend_schema(tags=TAG, summary="增减变动", operation_id="cadres_changes_list", responses={200: StatusChangeSerializer(many=True)} | ERRORS)
    def get(self, request, pk: int):
        cadre = self.person(pk)
        actions.note_view(cadre=cadre, by=request.user)
        return Response(StatusChangeSerializer(selectors.status_changes(request.scope, cadre), many=True).data)

    @extend_schema(tags=TAG, summary="登记变动", request=StatusChangeCreateSerializer, responses={201: StatusChangeSerializer} | ERRORS)
    def post(self, request, pk: int):
        cadre = self.person(pk)
        data = self.checked(StatusChangeCreateSerializer)
        values = PersonValues(data=data.pop("values", {}), instance=cadre, context=self.context())
        values.is_valid(raise_exception=True)
        org = self.unit(data.pop("org", None))
        change = actions.register_status_change(cadre=cadre, values=dict(values.validated_data), org=org, by=request.user, scope=request.scope, today=request.today, **data)
        return Response(StatusChangeSerializer(change).data, status=201)
