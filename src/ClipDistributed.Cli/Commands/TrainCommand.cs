using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Local;
using ClipDistributed.Cli.Progress;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Reporting;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd train</c></summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var spec = CommonOptions.Spec();
        var set = CommonOptions.Set();
        var resume = new Option<bool>("--resume")
        {
            Description = "Goes on with the run that the run directory holds, from its newest checkpoint.",
        };
        var json = new Option<bool>("--json") { Description = "Prints events as lines of JSON instead of a progress bar." };
        var replicas = new Option<int>("--replicas")
        {
            Description = "Replicas that compute side by side on this machine's processors; what they compute is the same for any number.",
            DefaultValueFactory = _ => 1,
            HelpName = "count",
        };
        var threads = CommonOptions.Threads();
        var libTorch = CommonOptions.LibTorch();
        var memory = CommonOptions.Memory();
        var command = new Command(
            "train",
            "Trains a model on this machine. Ctrl-C saves a checkpoint and stops; --resume goes on with "
                + "the very next sample. SIGUSR1 saves one and goes on."
        )
        {
            spec, set, resume, json, replicas, threads, libTorch, memory,
        };
        command.SetAction(async (result, _) =>
        {
            bool quiet = result.GetValue(json);
            int count = result.GetValue(replicas);
            if (count < 1)
                throw new BadInputException($"--replicas is {count}; use 1 or more.");
            if (count > 1)
            {
                var full = CommonOptions.ReadForHosts(result, spec, set, result.GetValue(resume));
                var training = new ClusterTraining(full, count, Options(new RunDirectory(full.RunDirectory)));
                return await training.RunAsync(result.GetValue(resume), quiet);
            }
            Action<string> say = quiet ? _ => { } : text => Console.WriteLine(text);
            var given = SpecReader.ReadCheckedFile(
                result.GetRequiredValue(spec), result.GetValue(set) ?? [], withModelConfig: !result.GetValue(resume));
            var run = RunPreparation.Prepare(given, result.GetValue(resume), say, cacheFolder: ManifestCache.UserFolder);
            say($"{Counted.Of(run.Manifest.Rows, "pair")} in {Counted.Of(run.Manifest.Shards.Count, "shard")} · "
                + $"{Counted.Of(run.Plan.Steps, "step")} of {run.Plan.GlobalBatch:N0} · {Counted.Of(run.Plan.Streams, "stream")} · "
                + $"{run.Directory.Root}");
            return await RunAsync(run, Options(run.Directory), quiet);

            ReplicaOptions Options(RunDirectory directory)
            {
                int stored = result.GetValue(resume) ? RunThreads.Stored(directory) : 0;
                return new ReplicaOptions(
                    RunThreads.Choose(RunThreads.Asked(result, threads), count, stored),
                    result.GetValue(libTorch),
                    result.GetValue(memory));
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(PreparedRun run, ReplicaOptions options, bool json)
    {
        using var replica = ReplicaProcess.Start(options, new TrainRequest(run.Directory.Root));
        using var signals = new StopSignals(
            StopSignals.Saving, signal => replica.Send(new StopRequest($"{signal} to clipd train of {Requester.Name}")));
        using var save = SaveSignal.On(() => replica.Send(new SaveRequest()));
        var progress = new TrainProgress(StatusLine.Current, TimeProvider.System);
        int exit = json
            ? await replica.ReadAsync(output => Console.WriteLine(output.ToJson()))
            : await progress.ShowAsync(show => replica.ReadAsync(output => show(output.Record)));
        if (exit is not (ExitCodes.Done or ExitCodes.Resumable))
        {
            string remedy = new DiskCheckpoints(run.Directory).List().Count > 0 ? " --resume goes on from the newest checkpoint." : "";
            Console.Error.WriteLine($"error: {replica.Failure?.TrimEnd('.')}.{remedy}");
            return exit;
        }
        RunReport.Write(run.Directory.Root);
        if (!json)
            RunSummary.Write(run.Directory, progress, run.Plan.Steps, exit);
        return exit == ExitCodes.Done ? ExitCodes.Done : signals.ExitCode;
    }
}
