"""What a box is for, by its tag and its names: menus, footers, share bars, comments, lists of other stories.

Names are claims: a box that holds most of the page's prose is the story's, whatever it is
called (WordPress puts "tag-…" on the article itself). ``container`` judges that.
"""

from __future__ import annotations

from functools import lru_cache

from marsad.clean.text import word_set

_ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("comments", word_set("comment comments disqus respond replies commentlist commentform fb-comments")),
    ("nav", word_set("nav navbar menu navigation breadcrumb breadcrumbs pagination pager topbar toolbar ticker")),
    ("footer", word_set("footer copyright copyrights contentinfo colophon")),
    ("share", word_set("share sharing social sharethis addthis addtoany shareaholic shares")),
    ("consent", word_set("cookie cookies consent gdpr modal popup lightbox")),
    ("aside", word_set(
        "sidebar widget widgets promo popular trending newsletter subscribe ads ad advert adverts advertisement "
        "advertising banner sponsor sponsored login signin register search "
        "poll weather rating complementary taboola outbrain dfp adsense mostread toc"
    )),
    ("related", word_set("related relatedposts recommended recommendations readmore similar seealso suggestions")),
    ("gallery", word_set("gallery galleries slideshow carousel slick swiper slider")),
    ("tags", word_set("tags tagcloud keywords hashtags")),
)  # fmt: skip
_ROLE_OF_TAG = {"nav": "nav", "footer": "footer", "aside": "aside"}
_NEVER_FLAGGED = frozenset({"html", "body", "main", "article"})

_FURNITURE = frozenset({"nav", "footer", "consent"})
_OF_A_STORY = word_set("article post entry story content breadcrumb breadcrumbs tags")


@lru_cache(maxsize=8192)
def own_role(tag: str, names: frozenset[str]) -> str:
    """The role a box claims, or an empty string.

    Args:
        tag: its tag.
        names: the words of its class, id and role attributes.
    """
    if tag in _NEVER_FLAGGED:
        return ""
    if names:
        for role, words in _ROLES:
            if names & words:
                return role
        if {"read", "more"} <= names or {"see", "also"} <= names:
            return "related"
    return _ROLE_OF_TAG.get(tag, "")


@lru_cache(maxsize=8192)
def is_furniture(tag: str, names: frozenset[str]) -> bool:
    """Whether a box claims to be a menu, the page's footer or a consent banner: nothing of a story, if it is true."""
    return own_role(tag, names) in _FURNITURE and not names & _OF_A_STORY
