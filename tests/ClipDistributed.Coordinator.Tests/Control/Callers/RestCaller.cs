using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Google.Api;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>JSON over HTTP, by the paths of the proto.</summary>
internal sealed class RestCaller(HttpClient client) : MessageCaller
{
    protected override async Task<JsonObject> CallAsync(string rpc, JsonObject request)
    {
        using var response = await client.SendAsync(Message(rpc, request));
        var json = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        if ((int?)json["code"] == (int)StatusCode.FailedPrecondition)
            throw new FailedPreconditionException(json["message"]!.GetValue<string>());
        Assert.True(response.IsSuccessStatusCode, $"{rpc}: {json}");
        return json;
    }

    protected override async IAsyncEnumerable<JsonObject> StreamAsync(string rpc, JsonObject request)
    {
        using var response = await client.SendAsync(Message(rpc, request), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() is { } line)
            yield return (JsonObject)JsonNode.Parse(line)!;
    }

    /// <summary>The response is the file.</summary>
    public override async Task<string> ReadAsync(string runId, string artefact)
    {
        using var response = await client.SendAsync(Message("ReadArtefact", new JsonObject { ["runId"] = runId, ["name"] = artefact }));
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    public override void Dispose() => client.Dispose();

    private static HttpRequestMessage Message(string rpc, JsonObject request)
    {
        var method = Rpc.Named(rpc);
        var rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
        string path = rule.Get + rule.Post + rule.Delete;
        foreach (var field in method.InputType.Fields.InDeclarationOrder())
        {
            string place = path.Contains($"{{{field.Name}=**}}", StringComparison.Ordinal) ? $"{{{field.Name}=**}}" : $"{{{field.Name}}}";
            if (!path.Contains(place, StringComparison.Ordinal))
                continue;
            path = path.Replace(place, Uri.EscapeDataString($"{request[field.JsonName]}"), StringComparison.Ordinal);
            request.Remove(field.JsonName);
        }
        if (rule.Body == "*")
            return new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(request) };
        return new HttpRequestMessage(rule.Delete == "" ? HttpMethod.Get : HttpMethod.Delete, path + Query(request));
    }

    private static string Query(JsonObject request)
    {
        var pairs = request.SelectMany(field =>
            DynamicMessage.Items(field.Value).Select(value => $"{field.Key}={Uri.EscapeDataString($"{value}")}"));
        return request.Count == 0 ? "" : $"?{string.Join('&', pairs)}";
    }
}
