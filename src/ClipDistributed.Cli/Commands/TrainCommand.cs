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
using ClipDistributed.WorkerHost.Places;

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
        var replicas = new Option<int?>("--replicas")
        {
            Description = "Replicas that compute side by side on this machine, one on each GPU, or all on its processors; what they "
                + "compute is the same for any number. [default: 1, or as many as --device names]",
            HelpName = "count",
        };
        var device = CommonOptions.Device(several: true);
        var threads = CommonOptions.Threads();
        var libTorch = CommonOptions.LibTorch();
        var memory = CommonOptions.Memory();
        var command = new Command(
            "train",
            "Trains a model on this machine. Ctrl-C saves a checkpoint and stops; --resume goes on with "
                + "the very next sample. SIGUSR1 saves one and goes on."
        )
        {
            spec, set, resume, json, replicas, device, threads, libTorch, memory,
        };
        command.SetAction(async (result, _) =>
        {
            bool quiet = result.GetValue(json);
            Action<string> say = quiet ? _ => { } : text => Console.WriteLine(text);
            int count = Count(result.GetValue(replicas), result.GetValue(device));
            var devices = LocalDevices.Choose(result.GetValue(device), count, ReplicaProgram.Find(), result.GetValue(libTorch));
            if (devices.Notice is { } notice)
                say(notice);
            if (count > 1)
            {
                var full = CommonOptions.ReadForHosts(result, spec, set, result.GetValue(resume));
                var training = new ClusterTraining(full, count, Options(new RunDirectory(full.RunDirectory)));
                return await training.RunAsync(result.GetValue(resume), quiet);
            }
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
                    result.GetValue(memory)) { Devices = devices };
            }
        });
        return command;
    }

    private static int Count(int? replicas, DeviceRequest? device)
    {
        int named = device?.Gpus is { Count: > 0 } gpus ? gpus.Count : 0;
        if (replicas < 1)
            throw new BadInputException($"--replicas is {replicas}; use 1 or more.");
        if (named > 0 && replicas is { } count && count != named)
            throw new BadInputException(
                $"--replicas is {count}, and --device names {Counted.Of(named, "GPU")} ({device}); each replica has one: leave --replicas "
                    + $"out, name {count}, or say --device cuda for the first {count}."
            );
        return replicas ?? Math.Max(1, named);
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
