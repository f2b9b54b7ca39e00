using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Control.OpenApi;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Api;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Coordinator.Tests.Control.OpenApi;

public sealed class OpenApiDocumentTests
{
    private static readonly JsonObject Document = OpenApiDocument.Write();

    private static IEnumerable<(string Path, string Method, JsonNode Operation)> Operations =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (path.Key, operation.Key, operation.Value);

    [Fact]
    public void Services_OfThePackage_AreThoseOfItsProtos()
    {
        string folder = RepositoryFolder.File("protos", "clipdistributed", "control", "v1");
        var declared = Directory.GetFiles(folder, "*.proto").SelectMany(File.ReadAllLines)
            .Where(line => line.StartsWith("service ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]);
        Assert.Equal(declared.Order(), OpenApiDocument.Services.Select(service => service.Name).Order());
    }

    [Fact]
    public void Paths_OfEveryRpcWithARule_AreThere()
    {
        var rules = OpenApiDocument.Services.SelectMany(service => service.Methods)
            .Select(rpc => (rpc.Name, Rule: rpc.GetOptions().GetExtension(AnnotationsExtensions.Http))).ToList();
        Assert.Equal(rules.Select(rpc => rpc.Name).Order(), Operations.Select(one => (string)one.Operation["operationId"]!).Order());
        foreach (var (name, rule) in rules)
        {
            var (path, method, _) = Operations.Single(one => (string)one.Operation["operationId"]! == name);
            string given = (rule.Get + rule.Post + rule.Delete).Replace("=**", "", StringComparison.Ordinal);
            Assert.Equal(rule.PatternCase.ToString().ToLowerInvariant(), method);
            Assert.Equal(given.Replace("_", "", StringComparison.Ordinal), path, ignoreCase: true);
        }
    }

    [Fact]
    public void References_Everywhere_Resolve()
    {
        var references = Nodes(Document).OfType<JsonObject>().Select(node => node["$ref"]?.GetValue<string>()).OfType<string>().ToList();
        Assert.True(references.Count > 100);
        Assert.All(references.Distinct(), reference =>
        {
            JsonNode? at = Document;
            foreach (string part in reference.Split('/').Skip(1))
                at = at?[part];
            Assert.True(at is not null, reference);
        });
    }

    /// <summary>The protos have a comment for each call and field of a request.</summary>
    [Fact]
    public void Descriptions_OfCallsAndTheirFields_AreTheCommentsOfTheProtos()
    {
        Assert.All(Operations, one => Assert.NotEqual((string)one.Operation["operationId"]!, (string)one.Operation["summary"]!));
        var parameters = Operations.SelectMany(one => one.Operation["parameters"]?.AsArray() ?? []);
        Assert.All(parameters, parameter => Assert.NotEqual("", (string?)parameter!["description"] ?? ""));
        var request = Document["components"]!["schemas"]!["SubmitJobRequest"]!["properties"]!;
        Assert.Equal(
            "Resumes the run that run_directory holds; without it a directory in use is refused.",
            (string)request["resume"]!["description"]!);
        Assert.Equal("#/components/schemas/TrainingSpec", (string)request["spec"]!["$ref"]!);
        Assert.All(Document["tags"]!.AsArray(), tag => Assert.NotEqual("", (string)tag!["description"]!));
    }

    [Fact]
    public void Operation_WithPathBodyAndErrors_HasThem()
    {
        var drain = Document["paths"]!["/v1/hosts/{name}:drain"]!["post"]!;
        var name = Assert.Single(drain["parameters"]!.AsArray())!;
        Assert.Equal(("name", "path", true), ((string)name["name"]!, (string)name["in"]!, (bool)name["required"]!));
        var body = drain["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!.AsObject();
        Assert.Equal(["undo"], body.Select(field => field.Key));
        Assert.Equal("NOT_FOUND: no such host is connected.", (string)drain["responses"]!["404"]!["description"]!);
        Assert.Null(Document["paths"]!["/v1/runs/{runId}:stop"]!["post"]!["requestBody"]);

        var runs = Document["paths"]!["/v1/runs"]!["get"]!["parameters"]!.AsArray();
        var states = runs.Single(one => (string)one!["name"]! == "states")!["schema"]!;
        Assert.Equal("array", (string)states["type"]!);
        Assert.Equal("#/components/schemas/RunState", (string)states["items"]!["$ref"]!);
        var watch = Document["paths"]!["/v1/runs/{runId}:watch"]!["get"]!["responses"]!["200"]!["content"]!;
        Assert.NotNull(watch["application/x-ndjson"]);
    }

    /// <summary>What is documented is served: a request that the document allows is none of an unknown path.</summary>
    [Fact]
    public async Task Paths_OnARealCoordinator_AreServed()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        using var client = coordinator.Http();
        foreach (var (path, method, _) in Operations.Where(one => !one.Path.EndsWith(":watch", StringComparison.Ordinal)))
        {
            string at = path.Replace("{", "no-", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), at));
            string text = await response.Content.ReadAsStringAsync();
            Assert.DoesNotContain("is not a call", text, StringComparison.Ordinal);
            Assert.NotEqual(System.Net.HttpStatusCode.MethodNotAllowed, response.StatusCode);
        }
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode node) => node switch
    {
        JsonObject one => one.Select(pair => pair.Value).OfType<JsonNode>().SelectMany(Nodes).Prepend(node),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Nodes).Prepend(node),
        _ => [node],
    };
}
