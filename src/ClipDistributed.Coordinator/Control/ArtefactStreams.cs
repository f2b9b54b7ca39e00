using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Control.Rest;
using ClipDistributed.Coordinator.History.Artefacts;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Control;

/// <summary>Files of runs, to callers of gRPC in messages, to others as they are.</summary>
internal sealed class ArtefactStreams(PacedStream streams)
{
    public async Task SendAsync(
        RunJournal run, ReadArtefactRequest request, IServerStreamWriter<ReadArtefactResponse> stream, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        using var part = Open(run, request, request.Offset, request.Length);
        if (RestRequest.IsGrpc(http.Request))
            await SendAsync(run.Row.RunId, part, stream, context.CancellationToken);
        else
            await SendAsync(http, run, request, part);
    }

    private async Task SendAsync(
        string runId, ArtefactPart part, IServerStreamWriter<ReadArtefactResponse> stream, CancellationToken cancelled)
    {
        long offset = part.Offset;
        await streams.SendAsync(
            runId,
            part.PiecesAsync,
            async (piece, cancel) =>
            {
                var data = ByteString.CopyFrom(piece.Span);
                await stream.WriteAsync(new ReadArtefactResponse { Data = data, Offset = offset, TotalBytes = part.Total }, cancel);
                offset += piece.Length;
            },
            cancelled);
    }

    private async Task SendAsync(HttpContext http, RunJournal run, ReadArtefactRequest request, ArtefactPart whole)
    {
        bool isAsked = request is { Offset: 0, Length: 0 };
        if (isAsked && ArtefactDownload.RangeOf(http.Request, whole.Total) is var (offset, length))
        {
            if (offset >= whole.Total || length == 0)
            {
                ArtefactDownload.Refuse(http.Response, whole.Total);
                await http.Response.CompleteAsync();
                return;
            }
            using var part = Open(run, request, offset, length);
            await SendAsync(http, run.Row.RunId, request.Name, part);
            return;
        }
        await SendAsync(http, run.Row.RunId, request.Name, whole);
    }

    /// <summary>Where it fails between two bytes nothing can be said any more: the connection breaks, which the client sees.</summary>
    private async Task SendAsync(HttpContext http, string runId, string name, ArtefactPart part)
    {
        ArtefactDownload.Begin(http.Response, name, part);
        long sent = 0;
        try
        {
            await streams.SendAsync(
                runId,
                part.PiecesAsync,
                async (piece, cancel) =>
                {
                    await http.Response.Body.WriteAsync(piece, cancel);
                    sent += piece.Length;
                },
                http.RequestAborted);
        }
        catch (Exception broken) when (
            http.Response.HasStarted && broken is (OperationCanceledException or IOException or RequestRefusedException))
        {
            http.Abort();
            return;
        }
        if (sent < part.Length) // the file was cut meanwhile
            http.Abort();
        else
            await http.Response.CompleteAsync();
    }

    private static ArtefactPart Open(RunJournal run, ReadArtefactRequest request, long offset, long length) =>
        ArtefactFolder.Open(run.Row.RunId, run.Row.RunDirectory, request.Name, offset, length);
}
