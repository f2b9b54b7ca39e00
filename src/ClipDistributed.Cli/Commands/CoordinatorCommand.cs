using System.CommandLine;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd coordinator</c></summary>
internal static class CoordinatorCommand
{
    public static Command Create()
    {
        var defaults = new CoordinatorOptions();
        var listen = new Option<string>("--listen")
        {
            Description = "Address and port for worker hosts, replicas and clients; port 0 takes a free one.",
            DefaultValueFactory = _ => defaults.Listen,
            HelpName = "host:port",
        };
        var state = new Option<string>("--state")
        {
            Description = "Folder for jobs, runs and their history, on a local disk.",
            DefaultValueFactory = _ => defaults.StateDirectory,
            HelpName = "dir",
        };
        var insecure = new Option<bool>("--insecure") { Description = "Allows an address that other machines can reach, without encryption and passwords: whoever reaches it can start and stop runs." };
        var quarantine = new Option<int>("--quarantine-after") { Description = "Replicas that a host may lose within ten minutes before it gets none for a while; 0: any number.", DefaultValueFactory = _ => defaults.QuarantineAfter, HelpName = "count" };
        var parent = new Option<bool>("--exit-with-parent") { Description = "Ends when the standard input ends, and leaves Ctrl-C to the process that started it." };
        var command = new Command("coordinator", "Accepts jobs, deals out their data and leads their replicas on worker hosts.") { listen, state, insecure, quarantine, parent };
        command.SetAction((parsed, _) => RunAsync(
            defaults with
            {
                Listen = parsed.GetRequiredValue(listen),
                StateDirectory = Path.GetFullPath(parsed.GetRequiredValue(state)),
                Insecure = parsed.GetValue(insecure),
                QuarantineAfter = parsed.GetValue(quarantine),
            },
            parsed.GetValue(parent)));
        return command;
    }

    private static async Task<int> RunAsync(CoordinatorOptions options, bool withParent)
    {
        var over = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = On(PosixSignal.SIGINT, () => withParent || over.TrySetResult(ExitCodes.Interrupted));
        using var hangUp = On(PosixSignal.SIGHUP, () => withParent || over.TrySetResult(ExitCodes.Done));
        using var terminate = On(PosixSignal.SIGTERM, () => over.TrySetResult(ExitCodes.Done));
        await using var app = CoordinatorHost.Build(options);
        await CoordinatorHost.StartAsync(app);
        using var followed = app.Lifetime.ApplicationStopping.Register(() => over.TrySetResult(ExitCodes.Unavailable)); // by itself only then
        Console.WriteLine($"coordinator: {CoordinatorHost.Address(app)}");
        if (withParent)
            _ = EndWithInputAsync(over);
        int exit = await over.Task;
        await app.StopAsync();
        return exit;
    }

    private static PosixSignalRegistration On(PosixSignal signal, Func<bool> act) => PosixSignalRegistration.Create(signal, context =>
    {
        // A second one, while the first is being followed, ends the process at once.
        context.Cancel = act();
    });

    private static async Task EndWithInputAsync(TaskCompletionSource<int> over)
    {
        try
        {
            await Console.OpenStandardInput().CopyToAsync(Stream.Null);
        }
        finally
        {
            over.TrySetResult(ExitCodes.Done); // also where the input cannot be read: then no parent is known
        }
    }
}
