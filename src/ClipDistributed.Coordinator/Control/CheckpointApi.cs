using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Checkpoints;
using ClipDistributed.Coordinator.Control.Lists;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for the saved states of runs.</summary>
internal sealed class CheckpointApi(RunCheckpoints checkpoints) : CheckpointService.CheckpointServiceBase
{
    private static readonly ListOrder<RunCheckpoint> Order = new(
        "step", one => $"{one.Stored.Attempt:D10} {one.Stored.Step:D19} {one.Place.Name}", NewestFirst: true);

    public override async Task<ListCheckpointsResponse> ListCheckpoints(ListCheckpointsRequest request, ServerCallContext context)
    {
        var all = await checkpoints.ListAsync(request.RunId, context.CancellationToken);
        var page = Page.Of(all, Order, new PageRequest(request.PageSize, request.PageToken, request.OrderBy, request.RunId));
        return new ListCheckpointsResponse { Checkpoints = { page.Items.Select(ToMessage) }, NextPageToken = page.Next };
    }

    public override async Task<PinCheckpointResponse> PinCheckpoint(PinCheckpointRequest request, ServerCallContext context)
    {
        await checkpoints.PinAsync(request.RunId, request.Attempt, request.Step, !request.Undo, context.CancellationToken);
        return new PinCheckpointResponse();
    }

    public override async Task<DeleteCheckpointResponse> DeleteCheckpoint(DeleteCheckpointRequest request, ServerCallContext context)
    {
        await checkpoints.DeleteAsync(request.RunId, request.Attempt, request.Step, context.CancellationToken);
        return new DeleteCheckpointResponse();
    }

    public override async Task<RollBackRunResponse> RollBackRun(RollBackRunRequest request, ServerCallContext context)
    {
        string by = $"{Admission.CallerOf(context)}";
        await checkpoints.RollBackAsync(request.RunId, request.Attempt, request.Step, by, context.CancellationToken);
        return new RollBackRunResponse();
    }

    private static Checkpoint ToMessage(RunCheckpoint one) => new()
    {
        Attempt = one.Stored.Attempt,
        Step = one.Stored.Step,
        Saved = one.Stored.Saved.ToTimestamp(),
        Bytes = one.Stored.Bytes,
        Pinned = one.Stored.IsPinned,
        Abandoned = one.IsAbandoned,
        Place = one.Place.Name,
        Path = one.Stored.Path,
    };
}
