using System.Runtime.InteropServices;

namespace ClipDistributed.Cli.Replicas;

/// <summary>SIGUSR1 asks for a checkpoint; training goes on.</summary>
internal static class SaveSignal
{
    private const PosixSignal User1 = (PosixSignal)10; // has no name in .NET; the number of Linux on x64 and arm64

    public static PosixSignalRegistration On(Action save) => PosixSignalRegistration.Create(User1, context =>
    {
        context.Cancel = true;
        save();
    });
}
