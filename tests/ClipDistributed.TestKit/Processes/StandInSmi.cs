using ClipDistributed.TestKit.Files;

namespace ClipDistributed.TestKit.Processes;

/// <summary>A script in the place of nvidia-smi.</summary>
public sealed class StandInSmi : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <param name="gpus">A line for each GPU: name, UUID, MiB of memory, MIG mode, PCI address.</param>
    public StandInSmi(string gpus)
    {
        File.WriteAllText(folder.File("gpus"), gpus);
        Answer("");
        File.WriteAllText(Program, $"""
            #!/bin/bash
            cd "{folder.Path}"
            case "$1" in --query-gpu=name,*) cat gpus;; *) . ./states;; esac

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>To be put before PATH.</summary>
    public string Folder => folder.Path;

    public string Program => folder.File("nvidia-smi");

    /// <summary>What it answers from now on when it is asked how the GPUs are.</summary>
    /// <param name="lines">UUID, free MiB, degrees Celsius, uncorrectable errors and, where it is known, per cent of use of each GPU; or a
    /// complaint.</param>
    /// <param name="then">Shell commands.</param>
    public void Answer(string lines, string then = "exit 0")
    {
        File.WriteAllText(folder.File("next"), $"printf '%s\\n' '{lines}'; {then}\n");
        File.Move(folder.File("next"), folder.File("states"), overwrite: true); // whole for whoever reads it
    }

    public void Dispose() => folder.Dispose();
}
