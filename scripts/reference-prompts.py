#!/usr/bin/env python3
"""Records what Jinja itself (python3-jinja2) makes of tests/support/chat-families/: the prompts that ours are compared with.

Run it after a change there: python3 scripts/reference-prompts.py
The environment is set up as transformers' apply_chat_template does; what is done for templates that lack something (tools
described in the system message, a system message put into the first turn) is written here a second time, on purpose.
"""
import copy
import datetime
import json
import pathlib

from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

folder = pathlib.Path(__file__).parent.parent / "tests/support/chat-families"
# templates that have no tools of their own, and one that refuses a system message
without_tools = {"gemma-2", "gemma-3", "phi-3.5", "phi-4", "deepseek-r1", "smollm2"}
without_system = {"gemma-2"}


def tojson(value, indent=None):
    return json.dumps(value, ensure_ascii=False, indent=indent)


def refuse(message):
    raise TemplateError(message)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = refuse
environment.globals["strftime_now"] = datetime.datetime(2026, 1, 2).strftime


def described(messages, tools):
    """Hermes's way of tools, in messages of system, user and assistant alone."""
    told = []
    for message in messages:
        if message["role"] == "tool":
            answer = "<tool_response>\n" + message["content"] + "\n</tool_response>"
            if told and told[-1]["role"] == "user" and told[-1]["content"].endswith("</tool_response>"):
                told[-1]["content"] += "\n" + answer
            else:
                told.append({"role": "user", "content": answer})
        elif message.get("tool_calls"):
            lines = [message["content"]] if message["content"] else []
            for call in message["tool_calls"]:
                lines.append('<tool_call>\n{"name": "%s", "arguments": %s}\n</tool_call>' % (call["function"]["name"], call["function"]["arguments"]))
            told.append({**{key: value for key, value in message.items() if key != "tool_calls"}, "content": "\n".join(lines)})
        else:
            told.append(message)
    if tools:
        text = "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n"
        text += "\n".join(json.dumps(tool, ensure_ascii=False, separators=(",", ":")) for tool in tools)
        text += '\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
        if told[0]["role"] == "system":
            told[0]["content"] += "\n\n" + text
        else:
            told.insert(0, {"role": "system", "content": text})
    return told


def folded(messages):
    if messages[0]["role"] != "system":
        return messages
    system, user, *rest = messages
    return [{**user, "content": system["content"] + "\n\n" + user["content"]}, *rest]


def parsed(message):
    for call in message.get("tool_calls", []):
        call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    if "reasoning_content" in message and "tool_calls" in message and not message["content"]:
        message["thinking"] = message["reasoning_content"]
    return message


def prompt_of(family, conversation, all_tools):
    messages = [{**message, "content": message["content"] or ""} for message in copy.deepcopy(conversation["messages"])]
    tools = all_tools if conversation.get("tools") else None
    if family in without_tools:
        messages, tools = described(messages, tools), None
    if family in without_system:
        messages = folded(messages)
    variables = {}
    if "reasoning_effort" in conversation:
        variables = {"reasoning_effort": conversation["reasoning_effort"], "enable_thinking": conversation["reasoning_effort"] != "none"}
    template = environment.from_string((folder / f"{family}.jinja").read_text())
    return template.render(messages=[parsed(message) for message in messages], tools=tools, documents=None, add_generation_prompt=True, bos_token="<s>", eos_token="</s>", **variables)


conversations = json.loads((folder / "conversations.json").read_text())
tools = json.loads((folder / "tools.json").read_text())
families = sorted(path.stem for path in folder.glob("*.jinja"))
prompts = {family: {name: prompt_of(family, conversation, tools) for name, conversation in conversations.items() if family in conversation.get("families", families)} for family in families}
(folder / "prompts.json").write_text(json.dumps(prompts, ensure_ascii=False, indent="\t") + "\n")
print(f"{sum(map(len, prompts.values()))} prompts of {len(prompts)} families")
