using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Replicas;

/// <summary>Ctrl-C, SIGTERM and a lost terminal ask for a clean stop once; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] registrations;
    private readonly string? notice;
    private readonly Action<PosixSignal> stop;

    /// <summary>What a training prints at once.</summary>
    public const string Saving = "saving a checkpoint after this step …; a second Ctrl-C ends at once, without it";

    public StopSignals(string? notice, Action stop)
        : this(notice, _ => stop())
    {
    }

    /// <param name="notice">Is printed at once: what was asked for may take a while. Null: nothing.</param>
    /// <param name="stop">Is given the signal that came.</param>
    public StopSignals(string? notice, Action<PosixSignal> stop)
    {
        (this.notice, this.stop) = (notice, stop);
        registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal =>
                PosixSignalRegistration.Create(signal, Handle)
            ),
        ];
    }

    /// <summary>The first signal that came.</summary>
    public PosixSignal? Received { get; private set; }

    /// <summary>The exit code of a run that stopped with its state saved.</summary>
    public int ExitCode => Received == PosixSignal.SIGINT ? ExitCodes.Interrupted : ExitCodes.Resumable;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (Received is not null)
        {
            // Of one lost terminal both the system and the shell tell. Else the default action: this process ends, and the replica with it.
            context.Cancel = context.Signal == PosixSignal.SIGHUP;
            return;
        }
        Received = context.Signal;
        context.Cancel = true;
        if (notice is not null)
            Console.Error.WriteLine(notice);
        stop(context.Signal);
    }
}
