using System.Diagnostics;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>What all clusters train: the same spec and the same data in every folder, so that runs can be compared.</summary>
internal static class ChaosJob
{
    /// <summary>Writes spec and data, unless they are there.</summary>
    public static void Write(string clipd, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), """
            name: chaos
            data: {train: [{path: data/train}]}
            model: {preset: tiny}
            batch: {global: 256}
            samples: 2_560_000
            """);
        if (Directory.Exists(Path.Combine(folder, "data")))
            return;
        using var process = Process.Start(
            new ProcessStartInfo(clipd, ["data", "shapes", "data", "--train", "4000", "--validation", "144", "--size", "32"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
            }
        )!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"clipd data shapes ended with {process.ExitCode}");
    }
}
