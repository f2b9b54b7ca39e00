using System.Diagnostics;
using ClipDistributed.TestKit.Coordinators;

namespace ClipDistributed.TestKit.Processes;

/// <summary>A script in the place of clipd-replica.</summary>
public sealed class StandInReplica : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("clipd-test-");

    /// <param name="body">Shell commands; <c>$request</c> is the first line of input, <c>$@</c> the arguments.</param>
    public StandInReplica(string body)
    {
        Program = Path.Combine(folder.FullName, "replica");
        File.WriteAllText(Program, $"#!/bin/bash\nread -r request\n{body}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Prints its process id and ends when its input does, as the real one.</summary>
    public const string WaitsForItsInput = "echo $$; cat > /dev/null";

    public string Program { get; }

    /// <summary>Waits until a process of this id has ended.</summary>
    public static void AssertEnds(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            Assert.True(process.WaitForExit(HostCall.Patience), $"process {processId} still runs");
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }

    public void Dispose() => folder.Delete(recursive: true);
}
