using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Progress;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using Grpc.Core;

namespace ClipDistributed.Cli.Local;

/// <summary><c>clipd train --replicas N</c>: the run of a cluster on this machine, from submitting it to its report.</summary>
/// <param name="spec">With all its values and absolute paths; its replicas are set here.</param>
internal sealed class ClusterTraining(TrainingSpec spec, int replicas, ReplicaOptions options)
{
    private readonly RunDirectory directory = new(spec.RunDirectory);

    /// <returns>The exit code, as of a run of one replica.</returns>
    public async Task<int> RunAsync(bool resume, bool json)
    {
        if (replicas > spec.Batch.Global)
            throw new BadInputException(
                $"--replicas is {replicas}, more than batch.global {spec.Batch.Global}: each replica needs a row of the batch; lower it."
            );
        if (!resume)
            OutputPath.CheckRunDirectory(spec.RunDirectory);
        (spec.Replicas.Min, spec.Replicas.Max) = (1, (uint)replicas); // who survives a fault goes on at once
        var progress = new TrainProgress(StatusLine.Current, TimeProvider.System);
        Run run;
        int stopped;
        await using (var cluster = await LocalCluster.StartAsync(directory, replicas, options))
        {
            string runId = await SubmitAsync(cluster.Client, resume, json);
            using var signals = new StopSignals(
                StopSignals.Saving,
                () => _ = AskAsync(cluster.Client, "stop", control => control.StopRunAsync(new StopRunRequest { RunId = runId }))
            );
            using var save = SaveSignal.On(() =>
                _ = AskAsync(cluster.Client, "save", control => control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId }))
            );
            run = await FollowAsync(cluster, runId, progress, json);
            stopped = signals.ExitCode;
        }
        int exit = RunStates.ExitCode(run.State);
        if (exit is not (ExitCodes.Done or ExitCodes.Resumable))
        {
            Console.Error.WriteLine($"error: {run.Reason}");
            return exit;
        }
        if (File.Exists(directory.Metrics))
        {
            if (!json)
                RunSummary.Write(directory, progress, run.Steps, exit);
        }
        else if (!json)
        {
            Console.WriteLine("stopped before the first step; add --resume to go on");
        }
        return exit == ExitCodes.Done ? ExitCodes.Done : stopped;
    }

    private async Task<string> SubmitAsync(CoordinatorClient client, bool resume, bool json)
    {
        var request = new SubmitJobRequest { Spec = spec, Resume = resume, RequestId = $"{Guid.NewGuid()}" };
        var submitted = await client.AskAsync(control => control.SubmitJobAsync(request));
        if (json)
            return submitted.RunId;
        foreach (string notice in submitted.Notices)
            Console.WriteLine(notice);
        var manifest = DatasetManifest.Load(directory.Manifest);
        var plan = RunPlan.Resolve(spec, manifest);
        Console.WriteLine(
            $"{Counted.Of(manifest.Rows, "pair")} in {Counted.Of(manifest.Shards.Count, "shard")} · "
                + $"{Counted.Of(plan.Steps, "step")} of {plan.GlobalBatch:N0} · {Counted.Of(plan.Streams, "stream")} · "
                + $"{Counted.Of(replicas, "replica")} · {directory.Root}"
        );
        return submitted.RunId;
    }

    private static async Task<Run> FollowAsync(LocalCluster cluster, string runId, TrainProgress progress, bool json)
    {
        using var enough = new CancellationTokenSource();
        var follower = new RunFollower(cluster.Client, runId);
        if (json)
            await ToEndAsync(record => Console.WriteLine(record.ToJson()), _ => { });
        else
            await progress.ShowAsync(show => ToEndAsync(show, run => RunStates.Show(run, show)));
        return follower.Run!;

        async Task<int> ToEndAsync(Action<RunRecord> show, Action<Run> changed)
        {
            var following = follower.FollowAsync(show, changed, enough.Token);
            var broken = cluster.BrokenAsync();
            if (await Task.WhenAny(following, broken) == broken)
            {
                await enough.CancelAsync();
                throw new CoordinatorException($"{await broken}; --resume goes on from the newest checkpoint", ExitCodes.Failed);
            }
            return RunStates.ExitCode((await following).State);
        }
    }

    private static async Task AskAsync<T>(
        CoordinatorClient client,
        string verb,
        Func<ControlService.ControlServiceClient, AsyncUnaryCall<T>> ask
    )
    {
        try
        {
            await client.AskAsync(ask);
        }
        catch (Exception refused) when (refused is BadInputException or CoordinatorException)
        {
            // It may just have ended; a second signal to stop ends this process and its cluster in any case.
            await Console.Error.WriteLineAsync($"the run could not be asked to {verb}: {refused.Message}");
        }
    }
}
