using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Feeds;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Tabs;

public sealed partial class CheckpointsTab
{
    private const int MaxShown = 100;

    private LiveQuery<CheckpointList> query = default!;
    private IReadOnlyList<Artefact>? runFiles, files; // null: not read yet
    private (string Key, string What) open; // what is asked or shown below a checkpoint
    private string? said; // what became of the last action
    private bool isRefused, isBusy, mayOperate;

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    private Run Run => Detail.Run;

    protected override async Task OnInitializedAsync()
    {
        query = new LiveQuery<CheckpointList>(ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(5));
        mayOperate = (await Calls.SessionAsync())?.MayOperate == true;
        await query.ReadAsync(Left);
        if (RendererInfo.IsInteractive)
            Begin(query.RunAsync);
    }

    private static string Key(Checkpoint one) => $"{one.Attempt}/{one.Step}/{one.Place}";

    private static string Folder(Checkpoint one) =>
        string.Create(CultureInfo.InvariantCulture, $"checkpoints/attempt-{one.Attempt:00}/step-{one.Step:00000000}/");

    private async Task<CheckpointList> ReadAsync(CancellationToken cancel)
    {
        var checkpoints = await Calls.CheckpointsAsync();
        var response = await checkpoints.ListCheckpointsAsync(
            new ListCheckpointsRequest { RunId = Run.RunId, PageSize = MaxShown }, cancellationToken: cancel);
        runFiles = [.. (await FilesAsync(cancel)).Where(file => !file.Name.StartsWith("checkpoints/", StringComparison.Ordinal))];
        return new CheckpointList(response.Checkpoints, response.NextPageToken != "");
    }

    private async Task<IReadOnlyList<Artefact>> FilesAsync(CancellationToken cancel)
    {
        var history = await Calls.HistoryAsync();
        var request = new ListArtefactsRequest { RunId = Run.RunId, PageSize = 1_000 };
        var response = await history.ListArtefactsAsync(request, cancellationToken: cancel);
        return response.Artefacts;
    }

    private bool IsOpen(Checkpoint one, string what) => open == (Key(one), what);

    private void Open(Checkpoint one, string what) => (open, said) = ((Key(one), what), null);

    private void Close() => open = default;

    private async Task ToggleFilesAsync(Checkpoint one)
    {
        if (IsOpen(one, "files"))
        {
            Close();
            return;
        }
        files = null;
        Open(one, "files");
        string folder = Folder(one);
        await TryAsync(
            async () => files = [.. (await FilesAsync(Left)).Where(file => file.Name.StartsWith(folder, StringComparison.Ordinal))], null);
    }

    private string Fork(Checkpoint one) => $"/new?from={Uri.EscapeDataString($"{Run.RunId}@{one.Step}")}";

    private Task PinAsync(Checkpoint one) => TryAsync(
        async () => await (await Calls.CheckpointsAsync()).PinCheckpointAsync(
            new PinCheckpointRequest { RunId = Run.RunId, Step = one.Step, Attempt = one.Attempt, Undo = one.Pinned },
            cancellationToken: Left),
        one.Pinned ? $"Step {one.Step} is no longer pinned." : $"Step {one.Step} is pinned: it is not removed for newer ones.");

    private Task DeleteAsync(Checkpoint one) => TryAsync(
        async () => await (await Calls.CheckpointsAsync()).DeleteCheckpointAsync(
            new DeleteCheckpointRequest { RunId = Run.RunId, Step = one.Step, Attempt = one.Attempt }, cancellationToken: Left),
        $"The checkpoint of step {one.Step} is deleted.");

    private Task RollBackAsync(Checkpoint one) => TryAsync(
        async () => await (await Calls.CheckpointsAsync()).RollBackRunAsync(
            new RollBackRunRequest { RunId = Run.RunId, Step = one.Step, Attempt = one.Attempt }, cancellationToken: Left),
        $"The run saves, then goes on with step {one.Step + 1} as a new attempt.");

    /// <param name="done">Said where it succeeds; null: nothing, and what is open stays.</param>
    private async Task TryAsync(Func<Task> act, string? done)
    {
        if (isBusy)
            return;
        (isBusy, said) = (true, null);
        try
        {
            await act();
            (said, isRefused) = (done, false);
            if (done is not null)
                Close();
            await query.ReadAsync(Left);
        }
        catch (RpcException refused) when (!Left.IsCancellationRequested)
        {
            (said, isRefused) = (refused.Status.Detail, true);
        }
        catch (Exception left) when (left is OperationCanceledException or RpcException && Left.IsCancellationRequested)
        {
            // The page is gone.
        }
        finally
        {
            isBusy = false;
        }
    }
}
