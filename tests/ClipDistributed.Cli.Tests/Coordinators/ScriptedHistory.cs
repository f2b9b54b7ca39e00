using ClipDistributed.Contracts.Control.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Cli.Tests.Coordinators;

/// <summary>The files of the run that a <see cref="ScriptedControl"/> knows.</summary>
internal sealed class ScriptedHistory(ScriptedControl control) : HistoryService.HistoryServiceBase
{
    public override async Task ReadArtefact(
        ReadArtefactRequest request, IServerStreamWriter<ReadArtefactResponse> responseStream, ServerCallContext context)
    {
        byte[] all = await File.ReadAllBytesAsync(Path.Combine(control.Run.RunDirectory, request.Name), context.CancellationToken);
        await responseStream.WriteAsync(new ReadArtefactResponse { Data = ByteString.CopyFrom(all), TotalBytes = all.Length });
    }
}
