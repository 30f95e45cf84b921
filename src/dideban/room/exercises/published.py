"""What the site shows of exercises: each a page that works without a network, and the course around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dideban.exercises import Exercise
from dideban.exercises.course import CourseLinks, render_course, render_guide, render_score
from dideban.exercises.page import asset, policy, render_exercise
from dideban.exercises.qti import qti_package
from dideban.exercises.words import spoken, words_of
from dideban.room.exercises.models import KeptExercise
from dideban.room.exercises.standing import published
from dideban.room.rooms.models import Room
from dideban.site.records import FOLDERS, Attachment, PublishedItem

COURSE, GUIDE, SCORE, QTI = "chance-or-concert", "teachers-guide", "score-of-a-class", "exercises-qti.zip"
LINKS = CourseLinks(
    course=f"../{COURSE}/index.html", guide=f"../{GUIDE}/index.html", score=f"../{SCORE}/index.html", qti=QTI
)


def page_of(exercise: KeptExercise, lang: str, *, is_on_site: bool = False) -> str:
    """Return the page of an exercise in a language; on the site it leads to other languages and to the course."""
    found = Exercise.from_dict(exercise.documents[lang])
    if not is_on_site:
        return render_exercise(found)
    others = _others("exercise", slug_of(exercise), lang)
    return render_exercise(found, others=others, course_href=f"../../{FOLDERS['lesson']}/{COURSE}/index.html")


def slug_of(exercise: KeptExercise) -> str:
    """Return the name of an exercise in addresses."""
    return f"exercise-{exercise.number}"


def items_of(room: Room) -> Iterator[PublishedItem]:
    """Yield the exercises that are published and still stand, and the course where there are any."""
    found = published(room)
    for lang in spoken() if found else ():
        for one in found:
            assert one.published_at is not None
            text = one.documents[lang]
            yield PublishedItem(
                kind="exercise", slug=slug_of(one), lang=lang, title=text["title"], summary=text["intro"][:600],
                published_at=one.published_at, document=page_of(one, lang, is_on_site=True).encode(),
                policy=policy(asset("exercise.css"), asset("exercise.js")),
            )  # fmt: skip
        yield from _course(found, lang)


def _course(found: Sequence[KeptExercise], lang: str) -> Iterator[PublishedItem]:
    """Yield the course, the teacher's guide and the page of scores."""
    words, made = words_of(lang), [Exercise.from_dict(one.documents[lang]) for one in found]
    listed = [
        (f"../../{FOLDERS['exercise']}/{slug_of(kept)}/index.html", one)
        for kept, one in zip(found, made, strict=True)
    ]  # fmt: skip
    style = asset("exercise.css")
    moments = sorted(one.published_at for one in found if one.published_at is not None)
    pages = {
        COURSE: (render_course(listed, lang=lang, others=_others("lesson", COURSE, lang), links=LINKS), "course", ""),
        GUIDE: (render_guide(lang=lang, others=_others("lesson", GUIDE, lang), links=LINKS), "guide", ""),
        SCORE: (render_score(lang=lang, others=_others("lesson", SCORE, lang), links=LINKS), "score", "score.js"),
    }
    for slug, (page, name, script) in pages.items():
        files = (Attachment(name=QTI, content=qti_package(made)),) if slug == COURSE else ()
        yield PublishedItem(
            kind="lesson", slug=slug, lang=lang, title=words(f"{name}.title"), published_at=moments[0],
            changed_at=moments[-1] if slug == COURSE and len(moments) > 1 else None, document=page.encode(),
            policy=policy(style, asset(script) if script else ""), attachments=files,
        )  # fmt: skip


def _others(kind: str, slug: str, lang: str) -> list[tuple[str, str]]:
    return [(other, f"../../../{other}/{FOLDERS[kind]}/{slug}/index.html") for other in spoken() if other != lang]
