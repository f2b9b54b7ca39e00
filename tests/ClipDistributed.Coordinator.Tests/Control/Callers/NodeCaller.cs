using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>gRPC by a client that others made: npm's grpc-js-reflection-client, a process for each call.</summary>
/// <param name="address">Of the gRPC port, without http://.</param>
/// <param name="tokenFile">Of the caller.</param>
internal sealed class NodeCaller(string address, string tokenFile) : MessageCaller
{
    /// <summary>Names a folder where npm has installed it.</summary>
    public const string Variable = "CLIPD_REFLECTION_CLIENT";

    private static readonly string Script = RepositoryFolder.File(
        "tests", "ClipDistributed.Coordinator.Tests", "Control", "Callers", "reflection-client.mjs");

    protected override async Task<JsonObject> CallAsync(string rpc, JsonObject request)
    {
        await foreach (var message in StreamAsync(rpc, request))
            return message;
        throw new InvalidOperationException($"{rpc} was not answered");
    }

    protected override async IAsyncEnumerable<JsonObject> StreamAsync(string rpc, JsonObject request)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Script, address, rpc, request.ToJsonString(), tokenFile])
        {
            RedirectStandardOutput = true,
        })!;
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            var message = (JsonObject)JsonNode.Parse(line)!;
            if ((int?)message["grpcStatus"] == (int)Grpc.Core.StatusCode.FailedPrecondition)
                throw new FailedPreconditionException(message["text"]!.GetValue<string>());
            Assert.False(message.ContainsKey("grpcStatus"), line);
            yield return message;
        }
    }

    public override void Dispose()
    {
        // Each call has ended its process.
    }
}
