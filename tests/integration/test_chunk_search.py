"""Chunks are found by words, codes, spellings and vectors, in one order, by their own tenant alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.embed import as_literal, model_version, open_embedder
from pipeline.search import Filters, build_vector_index, search_chunks
from pipeline.search import chunks as search
from pipeline.search import terms as search_terms
from pipeline.search.evaluation import evaluate
from pipeline.search.judgements import CUT, NOT_EXTRACTED, NOT_LISTED, NOT_READ, REMOVED, Question, resolve
from pipeline.search.query import parse
from pipeline.search.terms import terms_of
from tests.stored import add_file

OTHER_TENANT = "00000000-0000-0000-0000-0000000000aa"
BUILTIN = open_embedder("")


def add_chunks(conn: Connection, key: str, *texts: str, tenant: str = DEFAULT_TENANT, title: str | None = None, language: str = "en",
               section: Sequence[str] = (), embed: bool = True) -> UUID:
    """A file with these chunks; returns its blob_id."""
    blob_id = add_file(conn, key, tenant=tenant)
    output_id = uuid4()
    conn.execute("INSERT INTO extraction_outputs (output_id, tenant_id, job_id, blob_id, output_store, output_blob_key, output_type,"
                 " schema_version) VALUES (%s, %s, %s, %s, 'outputs', %s, 'chunk_jsonl', '1.0')",
                 (output_id, tenant, uuid4(), blob_id, f"{output_id}.jsonl"))
    for number, text in enumerate(texts, start=1):
        whole = "\n".join([*([title] if title else []), *([" > ".join(section)] if section else []), text])
        vector = as_literal(BUILTIN.embed([whole])[0]) if embed else None
        conn.execute(
            "INSERT INTO chunk_index (output_id, chunk_sequence, chunk_id, tenant_id, blob_id, document_id, file_name, title, section_path,"
            " content_offset_start, content_offset_end, char_count, language, search_text, embedding, embedding_model)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s, %s, %s, %s, %s)",
            (output_id, number, f"{key}:{number:06}", tenant, blob_id, uuid4(), key.rpartition("/")[2], title, list(section),
             len(text), len(text), language, whole, vector, model_version(BUILTIN) if embed else None))
    return blob_id


def found(conn: Connection, query: str, **options: Any) -> list[str]:
    options.setdefault("mode", "fulltext")
    return [hit.chunk_id.partition(":")[0] for hit in search_chunks(conn, query, tenant_id=DEFAULT_TENANT, embedder=BUILTIN, **options)]


@pytest.mark.parametrize(("text", "query"), [
    ("part DM-1001-B of it", "DM-1001-B"), ("part DM-1001-B of it", "dm1001b"), ("part DM-1001-B of it", "DM 1001"),
    ("part DM1001B of it", "DM-1001-B"), ("screw M6x12", "M6"), ("screw M6x12", "M6 x 12"), ("screw M6 x 12", "M6X12"),
    ("steel 1.4301", "1.4301"), ("steel 1.4301", "1,4301"), ("gap 0,05 mm", "0.05"), ("bore Ø12H7", "H7"), ("bore Ø12H7", "⌀12"),
    ("bore ⌀12 H7", "Ø12"), ("steel S235JR+N", "S235"), ("to ISO4762", "ISO 4762"), ("to ISO 4762", "iso4762"),
    ("see https://example.com/parts/a_b-1.pdf", "example"), ("mail info@example.com", "example"), ("x<b>bold</b>", "bold"),
    ("Größe der Nähte", "grosse"), ("Größe der Nähte", "NÄHTE"), ("the screws are tightened", "tightening screw"),
])
def test_a_word_or_code_is_found_however_it_is_written(conn: Connection, text: str, query: str) -> None:
    add_chunks(conn, "right", text)
    add_chunks(conn, "wrong", "something else altogether")
    assert found(conn, query) == ["right"]


@pytest.mark.parametrize(("text", "query"), [
    ("thread M6x1.0", "M6x10"), ("number 12", "1.2"), ("ratio 1/2 or 1.2", "12"), ("part DM-2001", "DM-1001"),
])
def test_another_code_is_not_the_same(conn: Connection, text: str, query: str) -> None:
    add_chunks(conn, "same", f"it is {query}")
    add_chunks(conn, "other", text)
    assert found(conn, query)[0] == "same"
    whole = max(terms_of_query(conn, query), key=len)
    assert [row[0] for row in conn.execute("SELECT file_name FROM chunk_index WHERE search_vector @@ %s::tsquery", (whole,))] == ["same"]


def terms_of_query(conn: Connection, query: str) -> list[str]:
    terms = terms_of(conn, parse(query), DEFAULT_TENANT)
    assert terms is not None
    return [term.query for term in terms.ranked]


@pytest.mark.parametrize(("language", "text", "query"), [
    ("de", "die Bohrungen sind zu prüfen", "Bohrung"), ("fr", "les vis sont serrées", "serrée"), ("nl", "de lagers", "lager"),
    ("en", "the bearings", "bearing")])
def test_words_are_stemmed_in_the_language_of_the_chunk(conn: Connection, language: str, text: str, query: str) -> None:
    add_chunks(conn, "right", text, language=language)
    assert found(conn, query) == ["right"]


def test_the_two_lists_of_letters_are_as_long_as_each_other(conn: Connection) -> None:
    words = "ä ö ü é è ê ë à â á å ã ç ñ ï î í ì ô ó ò õ ø û ú ù ý ÿ ß Ä É"
    row = conn.execute("SELECT tsvector_to_array(chunk_search_vector(NULL, NULL, %s, NULL, 'und'))", (words,)).fetchone()
    assert row is not None
    assert set(row[0]) == {"a", "o", "u", "e", "c", "n", "i", "y", "ss"}


def test_a_rare_word_counts_for_more_than_a_common_one(conn: Connection) -> None:
    for number in range(20):
        add_chunks(conn, f"common{number:02}", "steel plate steel plate steel plate")
    add_chunks(conn, "rare", "a chamfer somewhere in the text")
    assert found(conn, "steel plate chamfer", limit=3)[0] == "rare"


def test_a_title_counts_for_more_than_the_text(conn: Connection) -> None:
    add_chunks(conn, "text", "flange flange in the text")
    add_chunks(conn, "title", "something else in the text", title="Flange")
    add_chunks(conn, "section", "another thing in the text", section=["Flange"])
    assert found(conn, "flange") == ["title", "section", "text"]


def test_neighbours_count_for_more_where_they_are_neighbours(conn: Connection) -> None:
    add_chunks(conn, "a-apart", "the pump has an oil filter")
    add_chunks(conn, "b-together", "the filter has an oil pump")
    assert found(conn, "oil pump") == ["b-together", "a-apart"]


def test_quoted_words_must_follow_one_another(conn: Connection) -> None:
    add_chunks(conn, "apart", "the pump has an oil filter")
    add_chunks(conn, "together", "the filter has an oil pump")
    assert found(conn, '"oil pump"') == ["together"]
    assert found(conn, '"oil pump" filter') == ["together"]
    assert found(conn, '"pump oil"') == []


def test_a_star_finds_beginnings(conn: Connection) -> None:
    add_chunks(conn, "right", "weldment of the frame")
    add_chunks(conn, "wrong", "frame")
    assert found(conn, "weld*") == ["right"]


@pytest.mark.parametrize("query", ["", "   ", "!?", "*", '"', "'", "\\", "a' | 'b", "&&& :* <->", "\x00" * 0 + "()", "nowhere", "x" * 5000])
def test_odd_queries_find_nothing_and_do_no_harm(conn: Connection, query: str) -> None:
    add_chunks(conn, "any", "some text")
    assert found(conn, query) == []


def test_a_quote_in_a_word_is_no_syntax(conn: Connection) -> None:
    add_chunks(conn, "right", "rock'n'roll o'ring")
    assert found(conn, "o'ring") == ["right"]


@pytest.mark.parametrize("mode", ["fulltext", "vector", "hybrid"])
def test_a_tenant_finds_its_own_alone(conn: Connection, mode: search.Mode) -> None:
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (OTHER_TENANT,))
    add_chunks(conn, "theirs", "secret torque", tenant=OTHER_TENANT)
    add_chunks(conn, "ours", "our torque")
    assert found(conn, "secret torque", mode=mode) == ["ours"]


@pytest.mark.parametrize("mode", ["fulltext", "vector", "hybrid"])
def test_equal_chunks_come_in_the_order_of_their_ids(conn: Connection, mode: search.Mode) -> None:
    for key in ("c", "a", "b", "d"):
        add_chunks(conn, key, "the same text", title="same")
        conn.execute("UPDATE chunk_index SET file_name = 'same'")
    assert found(conn, "same text", mode=mode, limit=3) == ["a", "b", "c"]


def test_a_vector_finds_what_is_misspelt(conn: Connection) -> None:
    add_chunks(conn, "right", "Schweißnaht prüfen")
    for number in range(5):
        add_chunks(conn, f"wrong{number}", f"Lackierung {number} in anderer Farbe")
    assert found(conn, "Schwiessnaht", mode="vector", limit=1) == ["right"]
    assert found(conn, "Schwiessnaht", mode="hybrid", limit=1) == ["right"]
    assert found(conn, "Schwiessnaht") == []


def test_vectors_of_another_model_are_not_compared(conn: Connection) -> None:
    add_chunks(conn, "ours", "a text")
    add_chunks(conn, "other", "a text")
    conn.execute("UPDATE chunk_index SET embedding = '[1,2,3]', embedding_model = 'other@1/3' WHERE file_name = 'other'")
    assert found(conn, "a text", mode="vector") == ["ours"]


def test_a_chunk_without_a_vector_is_still_found_by_its_words(conn: Connection) -> None:
    add_chunks(conn, "plain", "a chamfer", embed=False)
    add_chunks(conn, "vector", "a bevel")
    assert found(conn, "chamfer", mode="hybrid")[0] == "plain"


def test_a_hit_says_where_it_stands_and_how_it_was_found(conn: Connection) -> None:
    blob_id = add_chunks(conn, "folder/sheet.pdf", "first", "the torque is 10 Nm", title="A title", section=["1", "Mounting"])
    (hit, _) = search_chunks(conn, "torque", tenant_id=DEFAULT_TENANT, embedder=BUILTIN)
    assert (hit.blob_id, hit.blob_key, hit.chunk_sequence, hit.text) == (blob_id, "folder/sheet.pdf", 2, "the torque is 10 Nm")
    assert (hit.title, hit.section_path) == ("A title", ["1", "Mounting"])
    assert hit.parts["fulltext"][0] == hit.parts["vector"][0] == 1


@pytest.mark.parametrize("mode", ["fulltext", "vector", "hybrid"])
def test_filters_narrow_every_mode(conn: Connection, mode: search.Mode) -> None:
    blob_id = add_chunks(conn, "a.pdf", "torque", language="de")
    add_chunks(conn, "b.dxf", "torque", language="en")
    for filters in (Filters(languages=["de"]), Filters(blob_ids=[blob_id]), Filters(file_name="%.PDF")):
        assert found(conn, "torque", mode=mode, filters=filters) == ["a.pdf"]
    assert found(conn, "torque", mode=mode, filters=Filters(document_ids=[])) == []


def test_a_mode_with_vectors_needs_an_embedder(conn: Connection) -> None:
    with pytest.raises(ValueError, match="needs an embedder"):
        search_chunks(conn, "x", tenant_id=DEFAULT_TENANT, mode="hybrid")


# ---- large tables: statistics instead of counts, indexes instead of scans ------------------------------------------------------

def fill(conn: Connection, count: int) -> None:
    """So many chunks: all hold 'steel', each a number of its own, every hundredth 'chamfer'."""
    add_chunks(conn, "big", "first", embed=False)
    conn.execute(
        "INSERT INTO chunk_index (output_id, chunk_sequence, chunk_id, blob_id, document_id, file_name, content_offset_start,"
        " content_offset_end, char_count, search_text)"
        " SELECT output_id, number, 'big:' || number, blob_id, document_id, file_name, 0, length(text), length(text), text"
        " FROM chunk_index, generate_series(2, %s) AS number,"
        " LATERAL (SELECT 'steel plate unique' || number || CASE WHEN number %% 100 = 0 THEN ' chamfer' ELSE '' END AS text) AS made"
        " WHERE chunk_sequence = 1", (count,))


def test_rarity_in_a_large_table_comes_from_statistics(conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(conn, 3000)
    exact = {term.query: term.weight for term in terms_or_fail(conn, "steel chamfer unique77")}
    monkeypatch.setattr(search_terms, "SMALL_TABLE", 100)
    conn.execute("ANALYZE chunk_index")
    estimated = {term.query: term.weight for term in terms_or_fail(conn, "steel chamfer unique77")}
    assert estimated == pytest.approx(exact, rel=0.3, abs=0.05)


def terms_or_fail(conn: Connection, query: str) -> tuple[search_terms.Term, ...]:
    terms = terms_of(conn, parse(query), DEFAULT_TENANT)
    assert terms is not None
    return terms.ranked


def test_a_frequent_word_is_no_candidate_where_a_rarer_one_is(conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(conn, 3000)
    monkeypatch.setattr(search_terms, "MOST_CANDIDATES", 500)
    terms = terms_of(conn, parse("steel chamfer"), DEFAULT_TENANT)
    assert terms is not None
    assert terms.candidates == "'chamfer'"
    assert {term.query for term in terms.ranked} == {"'chamfer'", "'steel'"}
    hits = search_chunks(conn, "steel chamfer", tenant_id=DEFAULT_TENANT, mode="fulltext", limit=5)
    assert all("chamfer" in hit.text for hit in hits)
    assert len(hits) == 5


def test_a_search_reads_by_the_index_of_words(conn: Connection) -> None:
    fill(conn, 3000)
    conn.execute("ANALYZE chunk_index")
    plan = explain(conn, search.FULLTEXT, {
        **Filters().parameters(), "tenant": DEFAULT_TENANT, "candidates": "'chamfer'", "required": "", "most": 1000,
        "weights": search.WEIGHTS, "length": 1, "pair_rank": 0.1, "limit": 10, "terms": ["'chamfer'"], "term_weights": [1.0],
        "pairs": [], "pair_weights": []})
    assert "chunk_index_search_idx" in plan


@pytest.mark.direct
def test_the_vector_index_is_built_once_used_and_dropped_with_its_model(conn: Connection) -> None:
    fill(conn, 2000)
    model = "m@1/3"
    conn.execute("UPDATE chunk_index SET embedding = ARRAY[sin(chunk_sequence), cos(chunk_sequence), 0.5]::real[]::vector::halfvec,"
                 " embedding_model = %s", (model,))
    first = build_vector_index(conn, model, 3)
    assert [word.split()[0] for word in first] == ["built"]
    assert build_vector_index(conn, model, 3) == []
    conn.execute("ANALYZE chunk_index")
    with conn.transaction():
        ranked = search.by_vector(conn, "[0.84,0.54,0.5]", 3, model, tenant_id=DEFAULT_TENANT, limit=20, filters=Filters())
        plan = explain(conn, search.VECTOR.replace("{dimension}", "3").replace("{model}", f"'{model}'"), {
            **Filters().parameters(), "tenant": DEFAULT_TENANT, "vector": "[0.84,0.54,0.5]", "limit": 20, "equals": 0})
    assert first[0].split()[1] in plan
    assert len(ranked) == 20
    assert ranked[0][0].chunk_sequence == 1
    conn.execute("UPDATE chunk_index SET embedding = NULL, embedding_model = NULL")
    assert build_vector_index(conn, model, 3) == ["dropped " + first[0].split()[1]]


@pytest.mark.direct
def test_an_index_left_invalid_by_a_stopped_build_is_built_anew(conn: Connection) -> None:
    add_chunks(conn, "a", "text")
    first = build_vector_index(conn, model_version(BUILTIN), BUILTIN.dimension)
    name = first[0].split()[1]
    conn.execute(f"DROP INDEX {name}")
    conn.execute("INSERT INTO chunk_index (output_id, chunk_sequence, chunk_id, blob_id, document_id, file_name, content_offset_start,"
                 " content_offset_end, char_count, search_text, embedding, embedding_model) SELECT output_id, 2, 'x', blob_id,"
                 " document_id, file_name, 0, 1, 1, 'x', '[1,2]', embedding_model FROM chunk_index")
    with pytest.raises(Exception, match="expected 512 dimensions"):
        build_vector_index(conn, model_version(BUILTIN), BUILTIN.dimension)
    conn.execute("DELETE FROM chunk_index WHERE chunk_id = 'x'")
    assert build_vector_index(conn, model_version(BUILTIN), BUILTIN.dimension) == [f"dropped {name}", f"built {name}"]


def test_few_of_a_tenant_are_found_among_many_of_another_by_the_index(conn: Connection) -> None:
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (OTHER_TENANT,))
    fill(conn, 3000)
    conn.execute("SELECT setseed(0.5)")
    conn.execute("UPDATE chunk_index SET embedding = ARRAY[random(), random(), random(), random(), random()]::real[]::vector::halfvec,"
                 " embedding_model = 'm@1/5'")
    blob_id = add_chunks(conn, "theirs", *"abcde", tenant=OTHER_TENANT, embed=False)
    conn.execute("UPDATE chunk_index SET embedding = '[0.1,0.1,0.1,0.9,0.9]', embedding_model = 'm@1/5' WHERE blob_id = %s", (blob_id,))
    build_vector_index(conn, "m@1/5", 5)
    conn.execute("ANALYZE chunk_index")
    with conn.transaction():
        conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        ranked = search.by_vector(conn, "[0.9,0.9,0.9,0.1,0.1]", 5, "m@1/5", tenant_id=OTHER_TENANT, limit=5, filters=Filters())
    assert [key.chunk_sequence for key, _ in ranked] == [1, 2, 3, 4, 5]


def explain(conn: Connection, statement: str, parameters: dict[str, Any]) -> str:
    return json.dumps(conn.execute("EXPLAIN (FORMAT JSON) " + statement, parameters).fetchall())  # type: ignore[arg-type]


# ---- evaluation ----------------------------------------------------------------------------------------------------------------

def test_answers_that_no_chunk_holds_say_why(conn: Connection) -> None:
    blob_id = add_chunks(conn, "a.pdf", "the torque", "is ten newton")
    add_file(conn, "silent.dwg", status="unsupported")
    conn.execute("INSERT INTO document_texts (blob_id, job_id, text, text_sha256, char_count) VALUES (%s, %s, 'the torque is ten', '', 17)",
                 (blob_id, uuid4()))
    conn.execute("INSERT INTO document_pages (blob_id, job_id, page_number, text, text_sha256, char_count, method)"
                 " VALUES (%s, %s, 1, 'Company Ltd the torque', '', 22, 'text_layer')", (blob_id, uuid4()))
    quotes = {"the  TORQUE": "", "torque is ten": CUT, "Company Ltd": REMOVED, "never there": NOT_READ}
    question = Question("q", "x", "", "", (*(("a.pdf", quote, 2) for quote in quotes), ("silent.dwg", "x", 2), ("gone.pdf", "x", 2)))
    reasons = [answer.reason for answer in resolve(conn, [question], DEFAULT_TENANT)["q"]]
    assert reasons == [*quotes.values(), f"{NOT_EXTRACTED} (unsupported: made by a test)", NOT_LISTED]


def test_copies_of_a_file_are_one_answer(conn: Connection) -> None:
    blob_id = add_chunks(conn, "a.pdf", "the torque")
    copy = add_file(conn, "copy.pdf")
    conn.execute("UPDATE blob_inventory SET status = 'duplicate', duplicate_of = %s WHERE blob_id = %s", (blob_id, copy))
    (answer,) = resolve(conn, [Question("q", "x", "", "", (("copy.pdf", "torque", 1), ("a.pdf", "Torque", 2)))], DEFAULT_TENANT)["q"]
    assert (answer.blob_id, answer.grade, answer.reason) == (blob_id, 2, "")


def test_evaluation_asks_in_every_mode_and_tries_another_model_in_memory(conn: Connection) -> None:
    add_chunks(conn, "a.pdf", "tighten the screws with a torque of ten newton", "a second chunk of other things")
    for number in range(12):
        add_chunks(conn, f"b{number}.pdf", f"paint of colour {number}")
    questions = [Question("q1", "torque of the screws", "lookup", "none", (("a.pdf", "torque of ten", 2),)),
                 Question("q2", "tightning scrwes", "typo", "none", (("a.pdf", "torque of ten", 2),)),
                 Question("q3", "nothing", "lookup", "none", (("a.pdf", "was never written", 2),))]
    stored = evaluate(conn, questions, tenant_id=DEFAULT_TENANT, embedder=BUILTIN)
    conn.execute("UPDATE chunk_index SET embedding = NULL, embedding_model = NULL")
    computed = evaluate(conn, questions, tenant_id=DEFAULT_TENANT, embedder=BUILTIN)
    assert computed.scores == stored.scores
    assert {mode: [stored.scores[mode][name].found for name in ("q1", "q2", "q3")] for mode in stored.scores} == {
        "fulltext": [1, 0, 0], "vector": [1, 1, 0], "hybrid": [1, 1, 0]}
    assert stored.scores["fulltext"]["q1"].place == 1


def test_the_command_prints_figures_and_writes_a_report(conn: Connection, tmp_path: Path, database_url: str,
                                                       capsys: pytest.CaptureFixture[str]) -> None:
    from commands.root import run

    add_chunks(conn, "a.pdf", "tighten the screws with a torque of ten newton")
    asked = tmp_path / "mine.jsonl"
    asked.write_text(json.dumps({"id": "q1", "query": "screw torque", "kind": "lookup", "failure_mode": "none",
                                 "relevant": [{"blob_key": "a.pdf", "quote": "torque of ten", "grade": 2}]}) + "\n", encoding="utf-8")
    config = tmp_path / "config.txt"
    config.write_text(f"DB_URL={database_url}\nDATA_DIR={tmp_path}\n", encoding="utf-8")
    assert run(["evaluate", "retrieval", str(asked), "--config", str(config), "--out", str(tmp_path / "out"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["overall"]["hybrid"] == {"questions": 1, "recall": 1.0, "found": 1.0, "reciprocal_rank": 1.0, "ndcg": 1.0}
    written = json.loads((tmp_path / "out" / "retrieval.json").read_text(encoding="utf-8"))
    assert {name: printed[name] for name in written} == written
    assert "| hybrid | 1 | 1.000 |" in (tmp_path / "out" / "retrieval.md").read_text(encoding="utf-8")
