"""Patterns, titles and numbers to try the slugs with."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from emdash_cli.domain.slugs import SlugPattern

DAY = date(2026, 6, 5)

PATTERNS = (
    "{number}-{title}",
    "{number:03}-{title}",
    "{number}",
    "post-{number}",
    "{title}-{number}",
    "{title}_{number}",
    "{number}-{name}-{title}",
    "{number}-{title}-by-{name}",
    "{yyyy}-{number}-{title}",
    "{yyyy}{mm}{dd}{number}-{title}",
    "{title}-{yyyy}{number}",
    "{number}{mm}-{title}",
    "v{number}x{title}",
    "{title}-2{number}",
    "{title}-{name}-{number:02}",
    "{title}",
    "{name}",
    "blog-{title}",
    "{yyyy}-{mm}-{dd}-{name}",
    "{title}-{name}",
    "{number}--{title}",
    "news-{yyyy}-{mm}-{dd}-{number}-{title}",
    f"{'long-' * 15}{{number}}-{{title}}",
    f"{{number}}{'-long' * 15}",
)

titles = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="abc 123-_,.'&#;🎉éß日ا", max_size=300),
    st.sampled_from(["", "🎉🎉", "…!?", "Top 10 ways in 2024", "2026", "007", "x" * 500, "wörd " * 100]),
)
numbers = st.one_of(st.integers(0, 2000), st.integers(0, 10**15 - 1))
plans = st.builds(
    lambda source, title, name, day: (
        SlugPattern.parse(source),
        SlugPattern.parse(source).render(title=title, name=name, day=day),
    ),
    st.sampled_from(PATTERNS),
    titles,
    titles,
    st.dates(),
)
