using ClipDistributed.Coordinator.Control.Rest;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Tests.Control.Rest;

public sealed class BrowserCheckTests
{
    private readonly BrowserCheck check = new(["node7", "clipd.example.org"]);

    [Theory]
    [InlineData("127.0.0.1:7070", null)]
    [InlineData("[::1]:7070", null)]
    [InlineData("10.0.0.1:7070", null)]
    [InlineData("localhost:7070", null)]
    [InlineData("LocalHost", null)]
    [InlineData("clipd.localhost:7070", null)]
    [InlineData("node7:7070", null)]
    [InlineData("clipd.EXAMPLE.org", null)]
    [InlineData("127.0.0.1:7070", "http://127.0.0.1:7070")]
    [InlineData("localhost:7070", "http://LOCALHOST:7070")]
    public void Run_OwnNameAndNoOtherPage_IsLetThrough(string host, string? origin) => check.Run(Request(host, origin));

    [Theory]
    [InlineData("evil.example", null)]
    [InlineData("node7.evil.example:7070", null)]
    [InlineData("127.0.0.1.evil.example", null)]
    [InlineData("localhost.evil.example", null)]
    [InlineData("", null)]
    [InlineData("127.0.0.1:7070", "http://evil.example")]
    [InlineData("127.0.0.1:7070", "http://127.0.0.1:8080")]
    [InlineData("localhost:7070", "http://127.0.0.1:7070")]
    [InlineData("127.0.0.1:7070", "null")]
    [InlineData("127.0.0.1:7070", "")]
    public void Run_NameOrPageOfAnother_IsRefused(string host, string? origin) =>
        Assert.Equal(
            StatusCode.PermissionDenied,
            Assert.Throws<RequestRefusedException>(() => check.Run(Request(host, origin))).Status);

    [Fact]
    public void Run_UnknownName_SaysHowToAllowIt() =>
        Assert.EndsWith(
            "start it with --http-name gpu.example.org",
            Assert.Throws<RequestRefusedException>(() => check.Run(Request("gpu.example.org:7070", null))).Message,
            StringComparison.Ordinal);

    private static HttpRequest Request(string host, string? origin)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString(host);
        if (origin is not null)
            request.Headers.Origin = origin;
        return request;
    }
}
