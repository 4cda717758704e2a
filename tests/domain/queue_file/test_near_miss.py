"""Which keys are taken for misspellings: `publsh_at` is, `data` is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.queue_file.key_names import distance, misspelt, recognised
from tests.domain.queue_file.support import article, refusal

MISSPELT = """
publsh_at→publish_at publis_at→publish_at publish_att→publish_at publish_ta→publish_at pulbish_at→publish_at
publshAt→publish_at publish-att→publish_at schduled_at→scheduled_at shceduled_at→scheduled_at
pulish_date→publish_date embrago→embargo embargoo→embargo expirs→expires expiers→expires expirry_date→expiry_date
titel→title tilte→title titl→title tittle→title catagory→category categry→category cateogries→categories
statsu→status stauts→status staus→status drfat→draft darft→draft pubished→published
privat→private prviate→private pasword→password passwrd→password unlited→unlisted visiblity→visibility
visibilty→visibility hiden→hidden bdoy→body tasg→tags sulg→slug body_txt→body_text bodytex→body_text
contnet→content conten→content markdwon→markdown exerpt→excerpt excert→excerpt sumary→summary
descripton→description discription→description autor→author auther→author auhtor→author loclae→locale
langauge→language platform→platforms platfroms→platforms soical→social metdata→metadata metadta→metadata
featured_imge→featured_image feautred_image→featured_image translation_off→translation_of
tranlation_of→translation_of canonicl→canonical canonical_ulr→canonical_url seo_titel→seo_title
artcle_id→article_id noidnex→no_index permalnk→permalink organisation_id→organization_id
modle_used→model_used trigered_by→triggered_by cost_usdd→cost_usd do_not_publsh→do_not_publish
"""

FREE = """
type layout weight note notes data date_created date_modified created created_at createdAt created_by updated
updated_at updatedAt modified modified_at lastmod last_modified toc math comments comment featured pinned sticky order
position priority rating score scores aliases redirect_from source source_url sources references citations schema
version kind model prompt temperature tokens word_count wordCount reading_time readingTime read_time tenant
organization_id organizationId triggered_by cost_usd model_used stream queue job_id run_id batch_id trace_id user
user_id author_id authorId author_email author_bio editor reviewer reviewed_by reviewed_at approved_by approved_at
approver site site_id url path file filename folder key keys label labels name names nickname subtitle heading
headings intro outro conclusion outline sections section faq cta links link related related_posts resources
attachments assets images image_prompt image_caption image_credit image_width cover_credit gallery video audio
podcast duration og_title og_description og_type twitter_card newsletter campaign utm_source topic topics theme
themes tone voice brand audience persona target targets goal goals intent primary_keyword keyword focus_keyword
difficulty volume region country city place location locations event events start_date end_date start end time
timezone license copyright rights publisher publisher_name publisher_id published_by publish_by publication journal
isbn parent parent_id children menu nav template color css js style class icon emoji logo badge stats state status_code
metrics views likes shares reactions locales languages local context contents content_type contentType content_id
content_hash hash checksum etag body_class text_length format formats encoding lint test example sample demo todo
step iteration iterations attempt retries errors eval quality grade feedback review plan briefing idea research facts
quotes testimonials sponsor sponsored disclosure price cost costs currency budget paid tier plan_id product product_id
project project_id client customer company team role group collection taxonomy terms category_id categoryId
category_slug tag_ids slugs id_prefix ids uid external_url original_url original_title translation translations
translated translator translation_key default_locale dir hreflang sitemap changefreq cache ttl feed rss excerpt_length
summary_length title_tag page_title short_title titles display show_toc hide_title enable_comments draft_id draft_url
preview preview_url edit_url history revision changelog logs raw original origin imported_at exported_at export wp_id
notion_id post_id postId post_type page num index count size length width height meta props attrs settings config
params extra custom custom_fields fields variables env environment generator generated_at generated_by tool agents
pipeline workflow stage phase owner assignee assigned_to due due_date deadline start_at finished_at queued_at
received_at sent_at read reads ready_at live live_url teaser_image hero_video banner_text media map table charts code
language_code country_code built builds rendered_at output_path privacy hidden_tags expert expected experience dates
data_sources banners scheduled_by published_as posted_by
"""


@pytest.mark.parametrize("pair", MISSPELT.split())
def test_a_misspelling_is_refused_with_the_right_name(pair: str) -> None:
    wrong, right = pair.split("→")
    error = refusal({wrong: "x"})
    assert [(problem.line, problem.field, problem.hint) for problem in error.problems] == [
        (4, wrong, f'did you mean "{right}"?')
    ]


@pytest.mark.parametrize("key", FREE.split())
def test_a_key_that_somebody_meant_is_kept(key: str) -> None:
    assert misspelt(key) is None
    value = {"cost_usd": 1}.get(key, "x")
    assert article(**{key: value}).metadata == {key: value}


@pytest.mark.parametrize("key", ["", "_", "-", "ü", "a" * 60_000, "publsh_at" * 10])
def test_odd_keys_are_free(key: str) -> None:
    assert article(**{key: 1}).metadata == {key: 1} or recognised(key).field


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("ca", "abc", 3), ("kitten", "sitting", 3)],
)
def test_distance(left: str, right: str, steps: int) -> None:
    assert distance(left, right) == steps


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_distance_is_symmetric_and_bounded(left: str, right: str) -> None:
    steps = distance(left, right)
    assert steps == distance(right, left)
    assert abs(len(left) - len(right)) <= steps <= max(len(left), len(right))
    assert (steps == 0) == (left == right)
