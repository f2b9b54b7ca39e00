using System.Globalization;
using ClipDistributed.Benchmarks.Chaos.Outages;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>What the words after <c>chaos</c> ask for.</summary>
internal static class ChaosCommand
{
    public static string Usage { get; } =
        $"""
            chaos CLIPD: all of this, and one line for it. Its parts:
              chaos CLIPD mix MINUTES SEED [UNDISTURBED]: a fault every 5 s;
                UNDISTURBED is a folder that the next one made, else it is made afterwards
              chaos CLIPD undisturbed FOLDER STEPS: the mix's job on 1, 2 and 3 replicas; goes on where a former call ended
              chaos CLIPD outage [REPEATS SECONDS [KIND …]], of {string.Join(", ", Outage.All.Select(make => make().Name))}
              chaos CLIPD table REPEATS SEED [KIND …], of {string.Join(", ", Fault.All.Select(fault => fault.Name))}
            """;

    /// <returns>The exit code: 1 where something did not hold; null: the words make no sense.</returns>
    public static int? Run(string clipd, string[] words)
    {
        string program = Path.GetFullPath(clipd);
        var tally = new ChaosTally();
        switch (words)
        {
            case []:
                ChaosMix.Run(program, minutes: 10, seed: 1, undisturbed: null, tally);
                OutageTable.Run(program, null, null, [], tally);
                ChaosTable.Run(program, repeats: 10, seed: 1, [], tally);
                break;
            case ["mix", var minutes, var seed, .. { Length: <= 1 } folder] when Number(minutes) is { } long_ && Number(seed) is { } from:
                ChaosMix.Run(program, long_, from, folder.FirstOrDefault(), tally);
                break;
            case ["undisturbed", var folder, var steps] when Number(steps) is { } count:
                new UndisturbedRuns(program, Path.GetFullPath(folder)).Compute(count);
                return 0;
            case ["outage"]:
                OutageTable.Run(program, null, null, [], tally);
                break;
            case ["outage", var repeats, var seconds, .. var names]
                when Number(repeats) is { } count
                    && Number(seconds) is { } each
                    && names.All(name => Outage.All.Any(make => make().Name == name)):
                OutageTable.Run(program, count, each, names, tally);
                break;
            case ["table", var repeats, var seed, .. var names]
                when Number(repeats) is { } count
                    && Number(seed) is { } from
                    && names.All(name => Fault.All.Any(fault => fault.Name == name)):
                ChaosTable.Run(program, count, from, names, tally);
                break;
            default:
                return null;
        }
        return tally.Close();
    }

    private static int? Number(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : null;
}
