"""Bytes → lines, blocks, a document; a document and what was seen → new bytes."""
