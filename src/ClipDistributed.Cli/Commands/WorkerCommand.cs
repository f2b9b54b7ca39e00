using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.WorkerHost;
using ClipDistributed.WorkerHost.Options;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd worker</c></summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var coordinator = CommonOptions.Coordinator();
        var name = new Option<string>("--name")
        {
            Description = "The host's name, unique among the coordinator's hosts.",
            DefaultValueFactory = _ => Environment.MachineName,
            HelpName = "host",
        };
        var slots = new Option<int>("--slots")
        {
            Description = "Replicas that compute on the processors at the same time; 0: none.",
            DefaultValueFactory = _ => 1,
            HelpName = "count",
        };
        var threads = new Option<int?>("--threads")
        {
            Description = "Threads of one tensor operator of a replica. [default: the processors, shared by slots and GPUs]",
            HelpName = "count",
        };
        var gpus = new Option<string>("--gpus")
        {
            Description = "GPUs on offer: auto, none, or indices such as 0,1.",
            DefaultValueFactory = _ => "auto",
            HelpName = "list",
        };
        var address = new Option<string?>("--address")
        {
            Description =
                "The local IP address of the replicas for collectives. [default: the one from which the coordinator is reached]",
            HelpName = "ip",
        };
        var libTorch = CommonOptions.LibTorch();
        var memory = CommonOptions.Memory();
        var replica = new Option<string?>("--replica-program")
        {
            Description = "The program clipd-replica. [default: the one beside clipd]",
            HelpName = "file",
        }.AsOptionalPath();
        var grace = new Option<int>("--drain-seconds")
        {
            Description = "Grace period after SIGTERM, in which replicas leave at a step boundary, before they are killed; 0: none.",
            DefaultValueFactory = _ => 30,
            HelpName = "seconds",
        };
        var exitWithParent = new Option<bool>("--exit-with-parent")
        {
            Description = "Ends when standard input does, and leaves Ctrl-C to the process that started it.",
        };
        var logFormat = LogOptions.Format();
        var command = new Command("worker", "Offers this machine's devices to a coordinator and runs replicas for it until it is stopped.")
        {
            coordinator, name, slots, threads, gpus, address, libTorch, memory, replica, grace, logFormat, exitWithParent,
        };
        command.SetAction(async (result, _) =>
        {
            var target = result.GetRequiredValue(coordinator);
            var options = new WorkerOptions
            {
                Coordinator = target.Addresses,
                TokenFile = target.TokenFile,
                Tls = target.Tls,
                Name = result.GetRequiredValue(name),
                Slots = result.GetValue(slots),
                Gpus = ParseGpus(result.GetRequiredValue(gpus)),
                ThreadsPerSlot = result.GetValue(threads),
                Address = result.GetValue(address),
                DrainGrace = TimeSpan.FromSeconds(result.GetValue(grace)),
                MemoryPerReplica = result.GetValue(memory),
                LibTorch = LibTorch(result.GetValue(libTorch)),
                ReplicaProgram = result.GetValue(replica) ?? ReplicaProgram.Find(),
            };
            return await RunAsync(options, LogOptions.Setup(result.GetRequiredValue(logFormat)), result.GetValue(exitWithParent));
        });
        return command;
    }

    private static async Task<int> RunAsync(WorkerOptions options, Action<ILoggingBuilder> logging, bool exitWithParent)
    {
        using var logs = LoggerFactory.Create(logging);
        using var stop = new CancellationTokenSource();
        using var drain = new CancellationTokenSource();
        bool interrupted = false;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            // A second signal: drain no longer.
            (drain.IsCancellationRequested ? stop : drain).Cancel();
        });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            interrupted = !exitWithParent;
            Stop(context, leave: !exitWithParent); // it reaches a whole terminal group; the parent decides what it means
        });
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, leave: !exitWithParent));
        if (exitWithParent)
            new Thread(WaitForParent) { IsBackground = true, Name = "parent" }.Start();
        await new Worker(options, TimeProvider.System, logs.CreateLogger<Worker>()).RunAsync(stop.Token, drain.Token);
        return interrupted ? ExitCodes.Interrupted : ExitCodes.Done;

        void Stop(PosixSignalContext context, bool leave)
        {
            context.Cancel = true;
            if (leave)
                stop.Cancel();
        }

        void WaitForParent()
        {
            while (Console.In.ReadLine() is not null)
            {
                // What a parent says is of no meaning here, only that it lives.
            }
            stop.Cancel();
        }
    }

    /// <summary>Looked at here already: its replicas would each fail with it.</summary>
    private static string? LibTorch(string? folder)
    {
        if (folder is null)
            return null;
        string full = Path.GetFullPath(folder);
        return File.Exists(Path.Combine(full, "libtorch_cpu.so"))
            ? full
            : throw new BadInputException(
                $"--libtorch is {full}, which has no libtorch_cpu.so; give the folder of libtorch libraries, "
                    + $"for example torch/lib of a PyTorch installation."
            );
    }

    /// <returns>Null: all.</returns>
    private static List<int>? ParseGpus(string list)
    {
        if (list == "auto")
            return null;
        var gpus = new List<int>();
        foreach (string entry in list == "none" ? [] : list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out int gpu))
                throw new BadInputException($"--gpus is '{list}'; use auto, none, or indices such as 0,1.");
            gpus.Add(gpu);
        }
        return [.. gpus.Distinct()];
    }
}
