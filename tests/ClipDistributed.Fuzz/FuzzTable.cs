namespace ClipDistributed.Fuzz;

/// <summary>Tries a stretch of seeds of one kind and prints a row, and each problem with the seed that makes it again.</summary>
internal static class FuzzTable
{
    /// <returns>How many inputs had a problem.</returns>
    public static int Run(IFuzzKind kind, int first, int count)
    {
        using var process = new FuzzProcess(kind);
        var results = Enumerable.Range(first, count).Select(process.Try).ToList();
        foreach (var bad in results.Where(result => result.Problem is not null).Take(10))
            Console.WriteLine($"  {kind.Name} seed {bad.Seed}: {bad.Problem}");
        int problems = results.Count(result => result.Problem is not null);
        Console.WriteLine(
            $"{kind.Name, -10} {count} inputs: {results.Count(result => result.ExitCode == 0)} read, "
                + $"{results.Count(result => result.ExitCode != 0)} refused, {problems} problems"
                + $" · slowest {results.Max(result => result.Seconds):0.0} s · most memory "
                + $"{results.Max(result => result.PeakBytes) >> 20} MiB"
        );
        return problems;
    }
}
