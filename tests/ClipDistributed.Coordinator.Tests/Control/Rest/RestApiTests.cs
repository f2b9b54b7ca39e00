using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control.Rest;

/// <summary>The control API as JSON over HTTP, beside what <see cref="ControlWalkTests"/> shows.</summary>
public sealed class RestApiTests
{
    [Fact]
    public async Task Submit_SpecWithErrors_NamesTheirFields()
    {
        await using var coordinator = await StartAsync();
        using var client = Client(coordinator);
        var spec = JsonNode.Parse(JsonFormatter.Default.Format(coordinator.Spec(name: "Demo!", min: 3, max: 2)))!;
        var (status, error) = await PostAsync(client, "/v1/jobs", new JsonObject { ["spec"] = spec }.ToJsonString());
        Assert.Equal((HttpStatusCode.BadRequest, (int)StatusCode.InvalidArgument), (status, (int)error["code"]!));
        Assert.Equal(2, error["message"]!.GetValue<string>().Split('\n').Length);
        var detail = error["details"]![0]!;
        Assert.Equal("type.googleapis.com/google.rpc.BadRequest", detail["@type"]!.GetValue<string>());
        Assert.Equal(
            ["spec.name", "spec.replicas.min"],
            ((JsonArray)detail["fieldViolations"]!).Select(violation => violation!["field"]!.GetValue<string>()));
        Assert.EndsWith(
            "use lower-case letters, digits and dashes, at most 63.",
            detail["fieldViolations"]![0]!["description"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    /// <summary>As a spec is written, with the defaults left out.</summary>
    [Fact]
    public async Task Submit_SpecAsPeopleWriteIt_IsTakenWithItsDefaults()
    {
        await using var coordinator = await StartAsync();
        using var client = Client(coordinator);
        var given = coordinator.Spec();
        string body = $$"""
            {"spec": {"name": "demo", "data": {"train": [{"path": "{{given.Data.Train[0].Path}}"}], "shuffle_block": 6},
             "model": {"preset": "tiny"}, "batch": {"global": 8, "streams": 2, "micro": 4}, "loss": "sigmoid", "samples": 40,
             "optimizer": {"warmup_steps": 1}, "run_directory": "{{given.RunDirectory}}" } }
            """;
        var (status, answer) = await PostAsync(client, "/v1/jobs", body);
        Assert.Equal((HttpStatusCode.OK, "demo-1"), (status, (string?)answer["runId"]));
        var job = Assert.Single((await coordinator.Control.ListJobsAsync(new ListJobsRequest())).Jobs);
        Assert.Equal((Contracts.Spec.V1.Loss.Sigmoid, 0.2), (job.Spec.Loss, job.Spec.Optimizer.WeightDecay));
    }

    public static TheoryData<string, string?, HttpStatusCode, string> Bodies => new()
    {
        { "{", "application/json", HttpStatusCode.BadRequest, "line 1, byte 2" },
        { """{"resume":true,"resume":false}""", "application/json", HttpStatusCode.BadRequest, "" },
        { """{"spec":{"name":"\ud800"}}""", "application/json", HttpStatusCode.BadRequest, "not JSON" },
        { """{"\ud800":1}""", "application/json", HttpStatusCode.BadRequest, "write it out" },
        { "[]", "application/json", HttpStatusCode.BadRequest, "in braces" },
        { "{}", "text/plain", HttpStatusCode.BadRequest, "send application/json" },
        { "{}", null, HttpStatusCode.BadRequest, "send application/json" },
        { "{}", "application/json; charset=utf-16", HttpStatusCode.BadRequest, "in UTF-8" },
        { new string(' ', 20_001), "application/json", HttpStatusCode.RequestEntityTooLarge, "20,000" },
        { string.Concat(Enumerable.Repeat("""{"spec":""", 200)), "application/json", HttpStatusCode.BadRequest, "" },
    };

    [Theory, MemberData(nameof(Bodies))]
    public async Task Submit_BodyThatIsNoRequest_IsOneStatusAndOneLine(string body, string? type, HttpStatusCode expected, string part)
    {
        await using var coordinator = await StartAsync(options =>
            options with { Limits = new CoordinatorLimits { MessageBytes = 20_000 } });
        using var client = Client(coordinator);
        var (status, error) = await PostAsync(client, "/v1/jobs", body, type);
        Assert.Equal(expected, status);
        Assert.Contains(part, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Submit_CompressedBody_IsRefused()
    {
        await using var coordinator = await StartAsync();
        using var client = Client(coordinator);
        using var content = new ByteArrayContent([31, 139, 8, 0]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await client.PostAsync("/v1/jobs", content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/runs/demo-9", HttpStatusCode.NotFound, StatusCode.NotFound)]
    [InlineData("GET", "/v1/runs/demo-9:watch", HttpStatusCode.NotFound, StatusCode.NotFound)]
    [InlineData("POST", "/v1/runs/demo-9:stop", HttpStatusCode.NotFound, StatusCode.NotFound)]
    [InlineData("DELETE", "/v1/runs/demo-9", HttpStatusCode.NotFound, StatusCode.NotFound)]
    [InlineData("GET", "/v1/none", HttpStatusCode.NotFound, StatusCode.NotFound)]
    [InlineData("GET", "/", HttpStatusCode.NotFound, StatusCode.NotFound)]
    [InlineData("DELETE", "/v1/jobs", HttpStatusCode.NotFound, StatusCode.NotFound)]
    [InlineData("PUT", "/v1/runs/demo-9", HttpStatusCode.MethodNotAllowed, StatusCode.Unimplemented)]
    [InlineData("GET", "/v1/runs?stat=running", HttpStatusCode.BadRequest, StatusCode.InvalidArgument)]
    [InlineData("GET", "/v1/runs?states=walking", HttpStatusCode.BadRequest, StatusCode.InvalidArgument)]
    [InlineData("GET", "/v1/runs?jobId=a&jobId=b", HttpStatusCode.BadRequest, StatusCode.InvalidArgument)]
    [InlineData("GET", "/v1/runs/demo-9?runId=demo-8", HttpStatusCode.BadRequest, StatusCode.InvalidArgument)]
    [InlineData("GET", "/v1/runs/demo-9:watch?afterSequence=x", HttpStatusCode.BadRequest, StatusCode.InvalidArgument)]
    [InlineData("POST", "/v1/hosts/a:drain?undo=true", HttpStatusCode.BadRequest, StatusCode.InvalidArgument)]
    public async Task Call_Refused_IsAStatusInJson(string method, string path, HttpStatusCode http, StatusCode code)
    {
        await using var coordinator = await StartAsync();
        using var client = Client(coordinator);
        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal((http, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((int)code, (int)error["code"]!);
        Assert.NotEqual("", (string?)error["message"] ?? "");
    }

    [Fact]
    public async Task ListRuns_StatesInTheQuery_AreThoseAskedFor()
    {
        await using var coordinator = await StartAsync();
        using var client = Client(coordinator);
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        Assert.Single(await RunsAsync("states=pending&states=running"));
        Assert.Single(await RunsAsync("states=RUN_STATE_PENDING&job_id=demo"));
        Assert.Empty(await RunsAsync("states=failed"));
        Assert.Empty(await RunsAsync($"jobId={runId}"));

        async Task<JsonArray> RunsAsync(string query) =>
            (JsonArray)JsonNode.Parse(await client.GetStringAsync($"/v1/runs?{query}"))!["runs"]!;
    }

    [Fact]
    public async Task Watch_EndedRun_IsALineForEachMessage()
    {
        await using var coordinator = await StartAsync();
        using var client = Client(coordinator);
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, RunState.Cancelled);
        using var response = await client.GetAsync($"/v1/runs/{runId}:watch");
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        var lines = (await response.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("RUN_STATE_CANCELLED", (string?)lines[0]["run"]!["state"]);
        long last = (long)lines[^1]["record"]!["sequence"]!;
        string rest = await client.GetStringAsync($"/v1/runs/{runId}:watch?afterSequence={last}");
        Assert.Single(rest.TrimEnd('\n').Split('\n')); // the run's state alone
    }

    [Theory]
    [InlineData("Host", "evil.example:7070")]
    [InlineData("Origin", "https://evil.example")]
    public async Task Call_FromAPageOfAnotherSite_ChangesNothing(string header, string value)
    {
        await using var coordinator = await StartAsync();
        using var client = Client(coordinator);
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        foreach (string path in (string[])["/v1/runs", $"/v1/runs/{runId}:watch", "/metrics", "/"])
            Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(HttpMethod.Delete, $"/v1/runs/{runId}", "application/grpc"));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(HttpMethod.Post, $"/v1/runs/{runId}:cancel"));
        Assert.Null((await coordinator.RunAsync(runId)).Ended);

        async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, string? type = null)
        {
            using var request = new HttpRequestMessage(method, path);
            if (type is not null)
                request.Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Call_UnderANameThatWasAllowed_IsServed()
    {
        await using var coordinator = await StartAsync(options => options with { HttpNames = ["clipd.example.org"] });
        using var client = Client(coordinator);
        client.DefaultRequestHeaders.Host = "clipd.example.org";
        Assert.Empty((JsonArray)JsonNode.Parse(await client.GetStringAsync("/v1/jobs"))!["jobs"]!);
    }

    [Fact]
    public async Task Call_CoordinatorStandsBy_IsUnavailable()
    {
        var log = new RecordedLog();
        var options = new CoordinatorOptions { Listen = "127.0.0.1:0", Http = "127.0.0.1:0" };
        await using var standby = await StandbyHost.StartAsync(
            options, () => "http://10.0.0.1:7071", log.AddTo, TimeProvider.System, CancellationToken.None);
        using var client = new HttpClient();
        using var response = await client.GetAsync($"{CoordinatorHost.HttpAddress(standby)}/v1/runs");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(
            "this coordinator stands by; http://10.0.0.1:7071 leads",
            (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["message"]);
        await standby.StopAsync();
    }

    private static Task<TestCoordinator> StartAsync(Func<CoordinatorOptions, CoordinatorOptions>? change = null) =>
        TestCoordinator.StartAsync(options => (change?.Invoke(options) ?? options) with { Http = "127.0.0.1:0" });

    private static HttpClient Client(TestCoordinator coordinator) => coordinator.Http();

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(
        HttpClient client, string path, string body, string? type = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await client.PostAsync(path, content);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
