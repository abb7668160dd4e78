"""How the OpenAPI document describes signing in: a token in the header, or the session of the browser."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class PortalSignIn(OpenApiAuthenticationExtension):
    target_class = "apps.accounts.api_auth.RequestUserAuthentication"
    name = ["token", "session"]

    def get_security_definition(self, auto_schema):
        token = {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token 后接空格和令牌；令牌在「接口令牌」页签发。"}
        return [token, {"type": "apiKey", "in": "cookie", "name": "sessionid"}]
