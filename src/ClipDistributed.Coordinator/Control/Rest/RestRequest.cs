using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Links;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ClipDistributed.Coordinator.Control.Rest;

/// <summary>A call as JSON, checked before the transcoder makes its message.</summary>
internal static class RestRequest
{
    private const string Json = "application/json";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <param name="maxBytes">Of its body.</param>
    /// <exception cref="BadInputException">It is not a call of this kind.</exception>
    /// <exception cref="RequestRefusedException">It is too large.</exception>
    public static async Task CheckAsync(HttpRequest request, GrpcJsonTranscodingMetadata call, int maxBytes)
    {
        var errors = new List<InputError>();
        bool hasBody = call.HttpRule.Body != "";
        if (!hasBody)
        {
            CheckQuery(request, [.. QueryFields(call)], errors);
        }
        else
        {
            errors.AddRange(request.Query.Keys.Select(name => new InputError(name, $"{name} stands in the query; give it in the body.")));
            var body = await ReadAsync(request, maxBytes);
            new JsonFields(errors).Check(body, call.MethodDescriptor.InputType);
            SetBody(request, Encoding.UTF8.GetBytes(body.ToJsonString()));
        }
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }

    /// <summary>All that the path does not hold.</summary>
    private static IEnumerable<FieldDescriptor> QueryFields(GrpcJsonTranscodingMetadata call)
    {
        string path = call.HttpRule.Get + call.HttpRule.Delete;
        return call.MethodDescriptor.InputType.Fields.InDeclarationOrder()
            .Where(field => !path.Contains($"{{{field.Name}}}", StringComparison.Ordinal))
            .Where(field => !path.Contains($"{{{field.Name}=", StringComparison.Ordinal)); // several parts of the path
    }

    private static void CheckQuery(HttpRequest request, IReadOnlyList<FieldDescriptor> fields, List<InputError> errors)
    {
        var check = new JsonFields(errors);
        var values = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var (name, given) in request.Query)
        {
            if (check.Find(name, fields) is not { } field)
                continue;
            if (!field.IsRepeated && given.Count > 1)
                errors.Add(new InputError(name, $"{name} is given {given.Count} times; give it once."));
            else
                values[name] = given.Select(text => check.Checked(text ?? "", field, name)).ToArray();
        }
        request.Query = new QueryCollection(values);
    }

    private static async Task<JsonObject> ReadAsync(HttpRequest request, int maxBytes)
    {
        byte[] bytes = await ReadBytesAsync(request, maxBytes);
        if (bytes.Length == 0)
            return new JsonObject(); // all fields are in the path
        if (request.Headers.ContentEncoding.Count > 0)
            throw new BadInputException($"The body is compressed ({request.Headers.ContentEncoding}); send it as it is.");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            || type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new BadInputException($"The body has Content-Type '{request.ContentType}'; send {Json}, in UTF-8.");
        try
        {
            CheckText(bytes);
            return JsonNode.Parse(bytes, documentOptions: Strict) as JsonObject
                ?? throw new BadInputException("The body is not a JSON object; write the fields of the request in braces.");
        }
        catch (JsonException damaged)
        {
            string where = damaged.LineNumber is { } line ? $", at line {line + 1}, byte {damaged.BytePositionInLine + 1}" : "";
            throw new BadInputException($"The body is not JSON, or has a name twice in an object{where}; correct it.");
        }
    }

    /// <summary>Nodes are read before their text is.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    private static void CheckText(byte[] bytes)
    {
        if (!Utf8.IsValid(bytes))
            throw new BadInputException("The body is not UTF-8; send it so.");
        var json = new Utf8JsonReader(bytes);
        while (json.Read())
        {
            if (!json.ValueIsEscaped)
                continue;
            if (json.TokenType == JsonTokenType.PropertyName)
                throw new BadInputException("The body has a name with an escape, which no field needs; write it out.");
            JsonSerializer.Deserialize<string>(ref json); // half a pair of surrogates is none
        }
    }

    private static async Task<byte[]> ReadBytesAsync(HttpRequest request, int maxBytes)
    {
        using var read = new MemoryStream();
        byte[] part = new byte[64 << 10];
        int count;
        while ((count = await request.Body.ReadAsync(part, request.HttpContext.RequestAborted)) > 0)
        {
            read.Write(part, 0, count);
            if (read.Length > maxBytes)
                throw new RequestRefusedException(StatusCode.ResourceExhausted, $"The body has more than {maxBytes:N0} bytes; send less.");
        }
        return read.ToArray();
    }

    private static void SetBody(HttpRequest request, byte[] json)
    {
        request.Body = new MemoryStream(json);
        (request.ContentLength, request.ContentType) = (json.Length, Json);
    }
}
