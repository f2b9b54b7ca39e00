using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Coordinators;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Links;

/// <summary>What is compressed counts as it is read, not as it travels.</summary>
[Collection(MemoryCollection.Name)]
public sealed class CompressedRequestsTests
{
    private static readonly CoordinatorLimits Limits = new()
    {
        MessageBytes = 64 << 10, MemberMessageBytes = 64 << 10, RecordBytes = 64 << 10,
    };

    [Fact]
    public async Task Call_CompressedRequest_IsRead() => Assert.Equal(
        StatusCode.NotFound,
        await SendAsync("control.v1.ControlService/GetRun", new GetRunRequest { RunId = "a-1" }.ToByteArray()));

    /// <summary>Forty megabytes, which travel as forty kilobytes: less than is allowed there.</summary>
    [Theory]
    [InlineData("control.v1.ControlService/GetRun")]
    [InlineData("replica.v1.ReplicaService/SetRendezvous")]
    public async Task Call_GrowsBeyondAMessage_IsResourceExhausted(string method)
    {
        long before = GC.GetTotalAllocatedBytes();
        Assert.Equal(StatusCode.ResourceExhausted, await SendAsync(method, new byte[40 << 20]));
        Assert.True(GC.GetTotalAllocatedBytes() - before < 80 << 20, "it was decompressed"); // the test's own array is the half of it
    }

    private static async Task<StatusCode> SendAsync(string method, byte[] message)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Limits = Limits });
        using var frame = new MemoryStream();
        frame.Write([1, 0, 0, 0, 0]);
        await using (var zip = new GZipStream(frame, CompressionLevel.SmallestSize, leaveOpen: true))
            zip.Write(message);
        byte[] body = frame.ToArray();
        Assert.True(body.Length < Limits.MessageBytes);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), body.Length - 5);
        using var client = new HttpClient(new TokenHandler(coordinator.Token))
        {
            DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var content = new ByteArrayContent(body)
        {
            Headers = { { "content-type", "application/grpc" }, { "grpc-encoding", "gzip" } },
        };
        using var answer = await client.PostAsync($"{coordinator.Address}/clipdistributed.{method}", content);
        await answer.Content.ReadAsByteArrayAsync();
        var headers = answer.Headers.Contains("grpc-status") ? answer.Headers : answer.TrailingHeaders;
        return Enum.Parse<StatusCode>(headers.GetValues("grpc-status").Single());
    }
}
