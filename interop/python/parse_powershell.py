"""Prints, as JSON, the lines of a PowerShell script that are no PowerShell, and the names of its commands."""

import json
import sys

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser


def walk(node: Node):
    yield node
    for child in node.children:
        yield from walk(child)


tree = Parser(Language(tree_sitter_powershell.language())).parse(open(sys.argv[1], "rb").read())
nodes = list(walk(tree.root_node))
errors = [node.start_point[0] + 1 for node in nodes if node.is_error or node.is_missing]
commands = sorted({node.text.decode() for node in nodes if node.type == "command_name"})
print(json.dumps({"errors": errors, "commands": commands}))
