using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Progress;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run watch</c></summary>
internal static class RunWatchCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("watch", "Shows a run as it goes until it ends. Ctrl-C stops watching, not the run.") { id, coordinator };
        command.SetAction(async (result, _) =>
        {
            using var client = coordinator.Connect(result);
            return await WatchAsync(client, result.GetRequiredValue(id));
        });
        return command;
    }

    /// <returns>0 where the run succeeded, 75 where it was stopped, 1 where it failed or was cancelled, 130 after Ctrl-C.</returns>
    public static async Task<int> WatchAsync(CoordinatorClient client, string runId)
    {
        using var enough = new CancellationTokenSource();
        using var signals = new StopSignals(null, enough.Cancel);
        client.KeepTrying(runId);
        var follower = new RunFollower(client, runId);
        try
        {
            int exit = await new TrainProgress(StatusLine.Current, TimeProvider.System).ShowAsync(async show =>
                RunStates.ExitCode((await follower.FollowAsync(show, run => RunStates.Show(run, show), enough.Token)).State));
            Console.WriteLine(Sum(follower.Run!));
            return exit;
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            Console.WriteLine($"the run goes on; look again: clipd run watch {runId}, stop it: clipd run stop {runId}");
            return ExitCodes.Interrupted;
        }
    }

    private static string Sum(Run run) =>
        $"{run.RunId} {RunStates.Describe(run)} · step {run.Step} of "
        + $"{run.Steps}{(run.HasLoss ? $" · last step's loss {run.Loss:0.000}" : "")} · {run.RunDirectory}";
}
