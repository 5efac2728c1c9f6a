/**
 * ChatML for a very small model: the last question whole; of the two before it the beginnings, and of their answers the first 48
 * characters (train.py's HISTORY), enough for "and how do I remove it?". Of system messages and tools it could make nothing.
 */
export const chatTemplate = `{%- set said = messages | rejectattr('role', 'equalto', 'system') | rejectattr('role', 'equalto', 'tool') | list %}
{%- for message in said[-5:] %}
    {%- set text = (message.content or '') | trim %}
    {%- if not loop.last %}{%- set text = (text[:48] if message.role == 'assistant' else text[:160]) | trim %}{%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' + text + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`;
