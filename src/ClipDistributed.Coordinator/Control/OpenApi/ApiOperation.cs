using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Protos;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Control.Rest;
using Google.Api;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control.OpenApi;

/// <summary>An rpc as it is called by JSON over HTTP.</summary>
/// <param name="Method">As in <c>post</c>.</param>
/// <param name="Path">As in <c>/v1/runs/{runId}:stop</c>.</param>
internal sealed partial record ApiOperation(string Method, string Path, JsonObject Description)
{
    /// <summary>The schema of every error.</summary>
    public const string Error = "Status";

    private const string Json = "application/json";

    /// <returns>None: the rpc has no path.</returns>
    public static IEnumerable<ApiOperation> Of(MethodDescriptor rpc, ApiSchemas schemas, ProtoComments comments)
    {
        var rule = rpc.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
        HttpRule[] rules = rule is null ? [] : [rule, .. rule.AdditionalBindings];
        for (int i = 0; i < rules.Length; i++)
            yield return Of(rpc, rules[i], $"{rpc.Name}{(i == 0 ? "" : i + 1)}", schemas, comments);
    }

    private static ApiOperation Of(MethodDescriptor rpc, HttpRule rule, string id, ApiSchemas schemas, ProtoComments comments)
    {
        var (method, template) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("get", rule.Get),
            HttpRule.PatternOneofCase.Put => ("put", rule.Put),
            HttpRule.PatternOneofCase.Post => ("post", rule.Post),
            HttpRule.PatternOneofCase.Delete => ("delete", rule.Delete),
            HttpRule.PatternOneofCase.Patch => ("patch", rule.Patch),
            _ => throw new NotSupportedException($"{rpc.FullName} has no HTTP method that this knows."),
        };
        var fields = rpc.InputType.Fields.InDeclarationOrder();
        var inPath = PathField().Matches(template).Select(match => rpc.InputType.FindFieldByName(match.Groups[1].Value)).ToList();
        var others = fields.Except(inPath).ToList();
        if (rule.Body is not ("" or "*"))
            throw new NotSupportedException($"{rpc.FullName} has body '{rule.Body}'; use * or none.");

        var comment = RpcComment.Parse(comments.Of(rpc));
        var operation = new JsonObject
        {
            ["operationId"] = id,
            ["tags"] = new JsonArray(TagOf(rpc.Service)),
            ["summary"] = comment.Summary == "" ? rpc.Name : comment.Summary.TrimEnd('.'),
        };
        string role = $"Needs a token of role {$"{CallRule.Of(rpc).Role}".ToLowerInvariant()}.";
        operation["description"] = comment.Description == "" ? role : $"{comment.Description}\n{role}";
        var inQuery = rule.Body == "" ? others : [];
        var parameters = inPath.Select(field => Parameter(field, "path", schemas))
            .Concat(inQuery.Select(field => Parameter(field, "query", schemas))).ToArray<JsonNode>();
        if (parameters.Length > 0)
            operation["parameters"] = new JsonArray(parameters);
        if (rule.Body == "*" && others.Count > 0)
            operation["requestBody"] = new JsonObject
            {
                ["content"] = Content(Json, inPath.Count == 0 ? schemas.Reference(rpc.InputType) : schemas.Object(others, "")),
            };
        operation["responses"] = Responses(rpc, comment, schemas);
        string path = PathField().Replace(template, match => $"{{{rpc.InputType.FindFieldByName(match.Groups[1].Value).JsonName}}}");
        return new ApiOperation(method, path, operation);
    }

    /// <summary>As in <c>Control</c>.</summary>
    public static string TagOf(ServiceDescriptor service) => service.Name.Replace("Service", "", StringComparison.Ordinal);

    private static JsonObject Parameter(FieldDescriptor field, string place, ApiSchemas schemas)
    {
        var schema = schemas.Described(field);
        var parameter = new JsonObject { ["name"] = field.JsonName, ["in"] = place };
        if (place == "path")
            parameter["required"] = true;
        if (schema["description"] is { } text)
            parameter["description"] = text.DeepClone();
        schema.Remove("description");
        parameter["schema"] = schema;
        return parameter;
    }

    private static JsonObject Responses(MethodDescriptor rpc, RpcComment comment, ApiSchemas schemas)
    {
        var responses = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = rpc.IsServerStreaming ? "One of these a line." : "Done.",
                ["content"] = Answer(rpc, schemas),
            },
        };
        var errors = comment.Errors.Any(error => HttpCodes.Of((StatusCode)error.Code) == 400)
            ? comment.Errors
            : comment.Errors.Prepend((Code: Code.InvalidArgument, Text: "the request cannot be used."));
        foreach (var status in errors.GroupBy(error => HttpCodes.Of((StatusCode)error.Code)).OrderBy(status => status.Key))
            responses[$"{status.Key}"] = Failure(string.Join('\n', status.Select(error => $"{NameOf(error.Code)}: {error.Text}")));
        responses["default"] = Failure("Any other error.");
        return responses;
    }

    private static JsonObject Answer(MethodDescriptor rpc, ApiSchemas schemas) =>
        rpc.OutputType.FullName == HttpBody.Descriptor.FullName ? Content("application/octet-stream", new JsonObject())
        : rpc.IsServerStreaming ? Content("application/x-ndjson", schemas.Reference(rpc.OutputType))
        : Content(Json, schemas.Reference(rpc.OutputType));

    private static JsonObject Failure(string text) => new()
    {
        ["description"] = text,
        ["content"] = Content(Json, new JsonObject { ["$ref"] = $"#/components/schemas/{Error}" }),
    };

    private static JsonObject Content(string type, JsonObject schema) => new() { [type] = new JsonObject { ["schema"] = schema } };

    /// <summary>As in <c>NOT_FOUND</c>.</summary>
    private static string NameOf(Code code) =>
        CodeReflection.Descriptor.EnumTypes[0].FindValueByNumber((int)code).Name;

    /// <summary>As in <c>{run_id}</c> and <c>{name=hosts/*}</c>.</summary>
    [GeneratedRegex(@"\{([a-z0-9_]+)(?:=[^}]*)?\}")]
    private static partial Regex PathField();
}
