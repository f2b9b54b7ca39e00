// Shows /openapi.json. All text goes into the page as text, never as markup.
"use strict";

const byId = id => document.getElementById(id);

/** An element with properties, and children that are elements or text. */
function el(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.flat().filter(child => child !== null && child !== undefined));
  return made;
}

/** A comment of a proto: `code`, and lines that begin with a dash are a list. */
function prose(text) {
  const inline = line => line.split(/`([^`]+)`/).map((part, i) => i % 2 ? el("code", {}, part) : part);
  const lines = (text ?? "").split("\n").filter(line => line !== "");
  const plain = lines.filter(line => !line.startsWith("- ")).map(line => el("p", {}, inline(line)));
  const items = lines.filter(line => line.startsWith("- ")).map(line => el("li", {}, inline(line.slice(2))));
  return items.length > 0 ? [...plain, el("ul", {}, items)] : plain;
}

class ApiPage {
  constructor(api) {
    this.api = api;
  }

  nameOf(schema) {
    return schema.$ref?.split("/").pop();
  }

  find(schema) {
    return schema.$ref ? this.api.components.schemas[this.nameOf(schema)] : schema;
  }

  /** As in `text`, `list of Job`, `whole number`. */
  typeOf(schema) {
    if (schema.type === "array")
      return `list of ${this.typeOf(schema.items)}`;
    const found = this.find(schema);
    if (found.enum)
      return "one of these words";
    if (schema.$ref)
      return this.nameOf(schema);
    if (found.additionalProperties)
      return `map of ${this.typeOf(found.additionalProperties)}`;
    return found.format === "date-time" ? "time, as 2026-01-31T12:00:00Z"
      : found.anyOf ? "number"
      : { integer: "whole number", string: "text", boolean: "true or false", object: "object" }[found.type] ?? "any value";
  }

  /** The schema of an object whose fields can be shown; undefined: it is a plain value. */
  inner(schema) {
    const one = schema.type === "array" ? schema.items : schema.additionalProperties ?? schema;
    const found = this.find(one);
    return found.properties ? found : undefined;
  }

  row(name, schema, description, isRequired) {
    const type = this.typeOf(schema);
    const values = this.find(schema.type === "array" ? schema.items : schema);
    const row = el("div", {},
      el("dt", {}, el("code", {}, name), el("small", {}, isRequired ? `${type}, in the path` : type)),
      el("dd", {}, prose(description), values.enum ? prose(values.description) : []));
    const inner = this.inner(schema);
    if (inner) {
      const fields = el("details", { className: "inner" }, el("summary", {}, `fields of ${type.replace(/^(list|map) of /, "")}`));
      // When it is opened: a message may hold itself.
      fields.addEventListener("toggle", () => fields.children.length === 1 && fields.append(this.fields(inner)));
      row.append(fields);
    }
    return row;
  }

  fields(schema) {
    return el("dl", { className: "fields" },
      Object.entries(schema.properties ?? {}).map(([name, field]) => this.row(name, field, field.description)));
  }

  parameters(operation) {
    const all = operation.parameters ?? [];
    return all.length === 0 ? [] : [
      el("h4", {}, "Parameters"),
      el("dl", { className: "fields" }, all.map(one => this.row(one.name, one.schema, one.description, one.in === "path"))),
    ];
  }

  body(operation) {
    const content = Object.values(operation.requestBody?.content ?? {})[0];
    return content ? [el("h4", {}, "Body, JSON"), this.fields(this.find(content.schema))] : [];
  }

  answer(operation) {
    const [type, content] = Object.entries(operation.responses["200"].content)[0];
    const fields = this.find(content.schema);
    const kind = type === "application/x-ndjson" ? "JSON, an object a line as it comes" : type === "application/json" ? "JSON" : "bytes";
    const isEmpty = Object.keys(fields.properties ?? {}).length === 0;
    if (isEmpty)
      return [el("h4", {}, `Answer: ${kind === "bytes" ? kind : "{}"}`)];
    const shown = el("details", {}, el("summary", {}, `Answer, ${kind}`));
    shown.addEventListener("toggle", () => shown.children.length === 1 && shown.append(this.fields(fields)));
    return [shown];
  }

  errors(operation) {
    const lines = Object.entries(operation.responses)
      .filter(([status]) => /^[45]/.test(status))
      .flatMap(([status, response]) => response.description.split("\n").map(text => [status, text]));
    return [
      el("h4", {}, "Errors"),
      el("ul", { className: "errors" }, lines.map(([status, text]) => el("li", {}, el("b", {}, status), text))),
    ];
  }

  example(method, path, operation) {
    const place = path.replace(/\{(\w+)\}/g, (_, name) => name.replace(/([A-Z])/g, "_$1").toUpperCase());
    const options = [
      "-sS", "-H @header", operation.responses["200"].content["application/x-ndjson"] ? "-N" : null,
      method === "get" || (method === "post" && operation.requestBody) ? null : `-X ${method.toUpperCase()}`,
    ].filter(option => option !== null);
    const body = operation.requestBody ? " \\\n  -H 'Content-Type: application/json' -d @request.json" : "";
    const command = `curl ${options.join(" ")} ${location.origin}${place}${body}`;
    const copy = el("button", { type: "button" }, "Copy");
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command);
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
    // Pages of other machines have no clipboard without TLS.
    return el("div", { className: "example" }, el("pre", { tabIndex: 0 }, el("code", {}, command)), navigator.clipboard ? copy : null);
  }

  call(method, path, operation) {
    const line = path.split(/(\{\w+\})/).map(part => part.startsWith("{") ? el("i", {}, part) : part);
    const article = el("article", { id: operation.operationId },
      el("h3", {}, el("a", { href: `#${operation.operationId}` }, operation.operationId)),
      el("p", { className: "path" }, el("b", {}, method.toUpperCase()), " ", line),
      el("div", { className: "text" }, prose(`${operation.summary}.\n${operation.description ?? ""}`)),
      this.parameters(operation), this.body(operation), this.answer(operation), this.errors(operation),
      this.example(method, path, operation));
    article.dataset.words = [operation.operationId, method, path, operation.summary, operation.description].join(" ").toLowerCase();
    return article;
  }

  show() {
    byId("lead").textContent = this.api.info.description;
    byId("version").textContent = `version ${this.api.info.version}`;
    const calls = Object.entries(this.api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
    for (const tag of this.api.tags) {
      const own = calls.filter(call => call.operation.tags.includes(tag.name));
      byId("services").append(el("section", { className: "service" },
        el("h2", {}, tag.name), el("p", {}, tag.description),
        own.map(call => this.call(call.method, call.path, call.operation))));
      byId("nav").append(el("section", {}, el("h2", {}, tag.name), el("ul", {},
        own.map(call => el("li", {}, el("a", { href: `#${call.operation.operationId}` }, call.operation.operationId))))));
    }
    byId("state").hidden = true;
  }
}

/** Hides the calls whose name, path and description have not all of the words. */
function filter(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(word => word !== "");
  for (const article of document.querySelectorAll("article")) {
    article.hidden = !wanted.every(word => article.dataset.words.includes(word));
    document.querySelector(`nav a[href="#${article.id}"]`).parentElement.hidden = article.hidden;
  }
  for (const group of document.querySelectorAll(".service, nav section"))
    group.hidden = ![...group.querySelectorAll("article, li")].some(item => !item.hidden);
  const isNone = [...document.querySelectorAll("article")].every(article => article.hidden);
  byId("state").hidden = !isNone;
  byId("state").textContent = "No call has all of these words.";
}

function mark() {
  for (const link of document.querySelectorAll("nav a"))
    link.toggleAttribute("aria-current", link.getAttribute("href") === location.hash);
}

async function start() {
  if (matchMedia("(max-width: 52rem)").matches)
    document.querySelector(".menu").open = false;
  try {
    const response = await fetch("/openapi.json");
    if (!response.ok)
      throw new Error(`HTTP ${response.status}`);
    new ApiPage(await response.json()).show();
  } catch (failed) {
    byId("state").textContent = `/openapi.json cannot be read (${failed.message}); load the page again.`;
    byId("state").classList.add("failed");
    return;
  }
  byId("filter").addEventListener("input", event => filter(event.target.value));
  document.addEventListener("keydown", event => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      document.querySelector(".menu").open = true;
      byId("filter").focus();
    }
  });
  addEventListener("hashchange", mark);
  mark();
  if (location.hash !== "")
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

start();
