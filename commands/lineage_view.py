"""The way of a file as a tree for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import click

from pipeline.observe.files import printable

Row = dict[str, Any]

SECTION_WIDTH = 60


@dataclass
class Node:
    """A line of the tree and what hangs below it."""

    name: str
    text: str
    below: list[Node] = field(default_factory=list)


def show(document: Row) -> None:
    """The tree, on standard output."""
    click.secho(printable(document["file"]["blob_key"]), bold=True)
    for edge, node in _lines(_tree(document)):
        click.echo(f"{click.style(edge, dim=True)}{click.style(node.name, fg='cyan')}  {printable(node.text)}".rstrip())


def _lines(nodes: list[Node], indent: str = "") -> Iterator[tuple[str, Node]]:
    for node in nodes:
        last = node is nodes[-1]
        yield indent + ("└─ " if last else "├─ "), node
        yield from _lines(node.below, indent + ("   " if last else "│  "))


def _tree(document: Row) -> list[Node]:
    nodes = [_source(document), *_group(document["group"])]
    nodes += [_job(job, document) for job in document["jobs"]]
    loose = _outputs(document, {output["job_id"] for output in document["outputs"]} - {job["job_id"] for job in document["jobs"]})
    nodes += loose  # of jobs that are no longer there
    if document["text"]:
        text = document["text"]
        nodes.append(Node("text", f"{text['char_count']:,} characters, language {text['language']}, sha256 {text['text_sha256']}"
                                  + (f"; {', '.join(text['warnings'])}" if text["warnings"] else "")))
    nodes.append(_rows(document))
    return nodes


def _source(document: Row) -> Node:
    file = document["file"]
    reason = f": {file['status_reason']}" if file["status_reason"] else ""
    size = "size unknown" if file["size_bytes"] is None else f"{file['size_bytes']:,} bytes"
    below = [
        Node("blob", f"{file['blob_id']}  in store {file['source_store']}"),
        Node("bytes", f"{size}  {file['mime_type'] or 'unknown type'}  version {file['source_version']}"),
        Node("sha256", file["byte_hash_sha256"] or "not read yet"),
        Node("seen", f"first {_time(file['discovered_at'])}, last in inventory run {file['last_seen_run']}"),
    ]
    below += [Node("change", f"{change['change']}{f' from {from_}' if (from_ := change['moved_from']) else ''}, "
                             f"{_time(change['changed_at'])}, "
                             + (f"inventory run {change['run_id']}" if change["run_id"] else "met by a worker"))
              for change in document["changes"]]
    below += [Node("same bytes", f"{place['blob_key']}  {'bears the rows' if place['status'] != 'duplicate' else 'duplicate'}")
              for place in document["places"] if len(document["places"]) > 1]
    return Node("source", file["status"] + (" (partly read)" if file["partial"] else "") + reason, below)


def _group(group: Row | None) -> list[Node]:
    if group is None:
        return []
    review = f"; to review: {group['review_reason']}" if group["needs_review"] else ""
    review += f"; {group['contradictions']} contradictions, see show" if group["contradictions"] else ""
    project = f", project {group['project_code']}" if group["project_code"] else ""
    return [Node("group", f"{group['group_key']} with {group['member_count']} files{project}, linked by {group['method']} "
                          f"at {group['confidence']:.2f}{review}")]


def _job(job: Row, document: Row) -> Node:
    took = f" in {job['processing_time_ms']} ms" if job["processing_time_ms"] is not None else ""
    when = f"  {_time(job['completed_at'])}" if job["completed_at"] else ""
    old = "" if job["current"] else "  (superseded)"
    error = f": {job['error_reason']}: {job['last_error']}" if job["last_error"] else ""
    model = f" with {job['model_version']}" if job["model_version"] else ""
    last = job["attempt"] if job["status"] == "failed" else None  # its error stands on the line above
    below = [Node(f"attempt {attempt['attempt']}", f"{attempt['outcome']} at {_time(attempt['ended_at'])}: {attempt['error']}")
             for attempt in job["failed_attempts"] if attempt["attempt"] != last]
    below += _outputs(document, {job["job_id"]})
    return Node(f"job {job['id']}", f"{job['job_type']} {job['extraction_version']}{model}  {job['status']}{took}, "
                                    f"attempt {job['attempt']}{when}{old}{error}", below)


def _outputs(document: Row, job_ids: set[UUID]) -> list[Node]:
    nodes = []
    for output in document["outputs"]:
        if output["job_id"] not in job_ids:
            continue
        state = "current" if output["current"] else f"superseded {_time(output['superseded_at'])}"
        chunks = f", {output['chunk_count']} chunks" if output["chunk_count"] is not None else ""
        place = f"{output['output_store']}/{output['output_blob_key']}"
        nodes.append(Node("output", f"{output['output_type']} {output['schema_version']}  {place}  {output['size_bytes'] or 0:,} bytes"
                                    f"{chunks}, {state}", [
            Node("sha256", f"{output['content_hash_sha256'] or 'unknown'}, attempt {output['attempt']}, {_time(output['created_at'])}"),
            *_chunks(document, output["output_id"])]))
    return nodes


def _chunks(document: Row, output_id: UUID) -> list[Node]:
    found = [chunk for chunk in document["chunks"] if chunk["output_id"] == output_id]
    nodes = [Node(f"chunk {chunk['chunk_sequence']}", _chunk(chunk)) for chunk in found]
    left = document["rows"]["chunks"] - len(found)
    if found and left:
        nodes.append(Node("…", f"and {left:,} more; --chunks shows all"))
    return nodes


def _chunk(chunk: Row) -> str:
    first, last = chunk["page_start"], chunk["page_end"]
    pages = "" if first is None else f"page {first}" if first == last else f"pages {first}–{last}"
    path = " > ".join(chunk["section_path"])
    section = path if len(path) <= SECTION_WIDTH else path[:SECTION_WIDTH - 1] + "…"
    parts = [pages, section, f"{chunk['content_offset_start']}–{chunk['content_offset_end']}, {chunk['char_count']} characters",
             chunk["language"], chunk["embedding_model"] or "no vector", ", ".join(chunk["warnings"])]
    return "  ".join(part for part in parts if part)


def _rows(document: Row) -> Node:
    below = [Node(f"page {found['page_number']}" if found["page_number"] else "file",
                  f"{found['field']:<16}{(found['value'] or '')[:60]:<62}{found['confidence']:.2f} {found['method']}")
             for found in document["fields"]]
    counts = [f"{count} {name.replace('_', ' ')}" for name, count in document["rows"].items() if count]
    return Node("rows", ", ".join(counts) or "none", below)


def _time(moment: Any) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
