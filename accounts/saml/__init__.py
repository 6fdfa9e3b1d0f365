"""Signing in at another organisation with SAML 2.0 (Web Browser SSO), as a provider of django-allauth.

Whom it lets in is decided in accounts.sso, as for OpenID Connect. This package asks the other site and reads
what it answers: `protocol` holds the rules, `views` the four addresses. django-allauth has views for it too:
they keep whatever is posted before they look at it, and believe unsigned words about the request it answers.
"""
