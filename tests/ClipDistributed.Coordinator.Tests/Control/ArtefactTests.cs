using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

public sealed class ArtefactTests : IAsyncLifetime
{
    private const string Weights = "checkpoints/attempt-01/step-00000040/open_clip_model.safetensors";

    private readonly byte[] content = RandomNumberGenerator.GetBytes(700_000); // more than a piece
    private readonly TemporaryFolder outside = new();
    private TestCoordinator coordinator = null!;
    private HttpClient client = null!;
    private string runId = "", root = "";

    public async ValueTask InitializeAsync()
    {
        coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        client = coordinator.Http();
        runId = await coordinator.SubmitAsync(coordinator.Spec());
        root = (await coordinator.RunAsync(runId)).RunDirectory;
        Directory.CreateDirectory(Path.GetDirectoryName(InRun(Weights))!);
        await File.WriteAllBytesAsync(InRun(Weights), content);
        await File.WriteAllTextAsync(InRun("report.html"), "<script>of others</script>");
        await File.WriteAllTextAsync(InRun("private"), "secret");
        await File.WriteAllTextAsync(outside.File("metrics.jsonl"), "secret");
    }

    [Fact]
    public async Task List_RunWithOtherFiles_HasTheRunsAlone()
    {
        File.CreateSymbolicLink(InRun("metrics.jsonl"), outside.File("metrics.jsonl"));
        Directory.CreateSymbolicLink(InRun("tensorboard"), outside.Path);
        var listed = (await History.ListArtefactsAsync(new ListArtefactsRequest { RunId = runId })).Artefacts;
        Assert.Equal([Weights, "report.html"], listed.Select(file => file.Name).Intersect([Weights, "report.html"]));
        Assert.DoesNotContain(listed, file => file.Name is "private" or "metrics.jsonl" or ".lock");
        var weights = listed.Single(file => file.Name == Weights);
        Assert.Equal((content.Length, "application/octet-stream"), (weights.Bytes, weights.ContentType));

        var first = await History.ListArtefactsAsync(new ListArtefactsRequest { RunId = runId, PageSize = 1 });
        var rest = await History.ListArtefactsAsync(new ListArtefactsRequest { RunId = runId, PageToken = first.NextPageToken });
        Assert.Equal(listed.Select(file => file.Name), first.Artefacts.Concat(rest.Artefacts).Select(file => file.Name));
    }

    [Fact]
    public async Task List_Prefix_HasThoseAlone()
    {
        Directory.CreateDirectory(InRun("predictions"));
        foreach (string name in (string[])["probe.json", "step-00000020.json", "step-00000040.json"])
            await File.WriteAllTextAsync(InRun($"predictions/{name}"), "{}");
        var request = new ListArtefactsRequest { RunId = runId, Prefix = "predictions/step-", PageSize = 1 };
        var first = await History.ListArtefactsAsync(request);
        var rest = await History.ListArtefactsAsync(new ListArtefactsRequest(request) { PageToken = first.NextPageToken });
        Assert.Equal(
            ["predictions/step-00000020.json", "predictions/step-00000040.json"],
            first.Artefacts.Concat(rest.Artefacts).Select(file => file.Name));
        Assert.Equal("", rest.NextPageToken);
        var other = new ListArtefactsRequest(request) { Prefix = "predictions/", PageToken = first.NextPageToken };
        await Assert.ThrowsAsync<RpcException>(() => History.ListArtefactsAsync(other).ResponseAsync); // of another list
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 10)]
    [InlineData(262_144, 0)]
    [InlineData(699_999, 5)]
    [InlineData(700_000, 0)]
    public async Task Read_FromAnOffset_IsThatPart(int offset, int length)
    {
        byte[] wanted = content[offset..(length == 0 ? content.Length : Math.Min(content.Length, offset + length))];
        Assert.Equal(wanted, await ReadAsync(new ReadArtefactRequest { Name = Weights, Offset = offset, Length = length }));
        using var response = await client.GetAsync(Url(Weights, $"?offset={offset}&length={length}"));
        Assert.Equal(wanted, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=0-99", 0, 100)]
    [InlineData("bytes=699990-", 699_990, 10)]
    [InlineData("bytes=-10", 699_990, 10)]
    [InlineData("bytes=10-9999999", 10, 699_990)]
    public async Task Read_RangeOverHttp_IsPartialContent(string range, int offset, int length)
    {
        using var response = await GetAsync(range);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(content[offset..(offset + length)], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            new ContentRangeHeaderValue(offset, offset + length - 1, content.Length), response.Content.Headers.ContentRange);
    }

    [Fact]
    public async Task Read_RangeThatIsNone_IsNotSatisfiable()
    {
        using var behind = await GetAsync("bytes=700000-");
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, behind.StatusCode);
        using var several = await GetAsync("bytes=0-1,3-4");
        Assert.Equal((HttpStatusCode.OK, content.Length), (several.StatusCode, several.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Read_ReportOverHttp_IsNoPageOfThisAddress()
    {
        using var response = await client.GetAsync(Url("report.html"));
        Assert.Equal("<script>of others</script>", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(["sandbox"], response.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Theory]
    [InlineData("../private")]
    [InlineData("/etc/passwd")]
    [InlineData("private")]
    [InlineData("checkpoints/../report.html")]
    [InlineData("missing.html")]
    [InlineData("poison-rows.json")]
    [InlineData("")]
    public async Task Read_NameThatIsNoneOfTheRun_IsNotFound(string name) =>
        Assert.Equal(StatusCode.NotFound, await RefusedAsync(new ReadArtefactRequest { Name = name }));

    [Fact]
    public async Task Read_LinkThatLeavesTheRun_IsNotFound()
    {
        File.CreateSymbolicLink(InRun("metrics.jsonl"), outside.File("metrics.jsonl"));
        Directory.Delete(InRun("checkpoints"), recursive: true);
        Directory.CreateDirectory(outside.File("attempt-01/step-00000040"));
        await File.WriteAllTextAsync(outside.File("attempt-01/step-00000040/state.json"), "secret", TestContext.Current.CancellationToken);
        Directory.CreateSymbolicLink(InRun("checkpoints"), outside.Path);
        Directory.CreateDirectory(InRun("events.jsonl"));
        foreach (string name in (string[])["metrics.jsonl", "checkpoints/attempt-01/step-00000040/state.json", "events.jsonl"])
            Assert.Equal(StatusCode.NotFound, await RefusedAsync(new ReadArtefactRequest { Name = name }));
    }

    /// <summary>As a client sends it that does not tidy paths up.</summary>
    [Theory]
    [InlineData("../private")]
    [InlineData("..%2fprivate")]
    [InlineData("%2e%2e/private")]
    [InlineData("%2e%2e%2fprivate")]
    [InlineData("%252e%252e%252fprivate")]
    [InlineData("..%5cprivate")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("//etc/passwd")]
    [InlineData("report.html%00")]
    [InlineData("report.html%2f..%2f..%2fprivate")]
    [InlineData("checkpoints/%2e%2e/private")]
    [InlineData("checkpoints/attempt-01/step-00000040/..%2f..%2f..%2fprivate")]
    [InlineData("%c0%ae%c0%ae/private")]
    [InlineData("report.html?name=private")]
    public async Task Read_EncodedNameOverHttp_IsRefused(string path)
    {
        string response = await RawAsync($"/v1/runs/{runId}/artefacts/{path}");
        Assert.Matches("^HTTP/1.1 (400|404) ", response);
        Assert.DoesNotContain("secret", response, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(700_001, 0)]
    [InlineData(0, -1)]
    public async Task Read_PartThatThereIsNot_IsRefused(long offset, long length) => Assert.Equal(
        StatusCode.InvalidArgument, await RefusedAsync(new ReadArtefactRequest { Name = Weights, Offset = offset, Length = length }));

    public async ValueTask DisposeAsync()
    {
        await coordinator.DisposeAsync();
        client.Dispose();
        outside.Dispose();
    }

    private HistoryService.HistoryServiceClient History => new(coordinator.Channel);

    private string InRun(string name) => Path.Combine(root, name);

    private Uri Url(string name, string query = "") => new($"{coordinator.HttpAddress}/v1/runs/{runId}/artefacts/{name}{query}");

    private async Task<HttpResponseMessage> GetAsync(string range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(Weights));
        request.Headers.TryAddWithoutValidation("Range", range);
        return await client.SendAsync(request);
    }

    private async Task<StatusCode> RefusedAsync(ReadArtefactRequest request) =>
        (await Assert.ThrowsAsync<RpcException>(() => ReadAsync(request))).StatusCode;

    private async Task<byte[]> ReadAsync(ReadArtefactRequest request)
    {
        request.RunId = runId;
        using var call = History.ReadArtefact(request);
        using var read = new MemoryStream();
        await foreach (var piece in call.ResponseStream.ReadAllAsync())
        {
            Assert.Equal((request.Offset + read.Length, content.Length), (piece.Offset, piece.TotalBytes));
            piece.Data.WriteTo(read);
        }
        return read.ToArray();
    }

    private async Task<string> RawAsync(string path)
    {
        var address = new Uri(coordinator.HttpAddress);
        using var socket = new TcpClient(address.Host, address.Port);
        await using var stream = socket.GetStream();
        string request = $"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {coordinator.Token}\r\n"
            + "Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(TestCoordinator.Patience);
    }
}
