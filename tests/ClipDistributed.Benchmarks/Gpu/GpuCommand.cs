using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>
/// What is checked and measured on a GPU, in the order of the first hour on one. Each check runs in a process of its own and gives one
/// line of JSON, so a crash or a hang is one line too.
/// </summary>
internal static class GpuCommand
{
    /// <summary>The words by which this program runs one check in its own process.</summary>
    public const string CheckWord = "gpu-check";

    private const string All = "all";

    private static readonly (string Name, Func<GpuOptions, IEnumerable<GpuCheck>> Checks, string Meaning)[] Groups =
    [
        ("load", LoadCheck.Of, "libtorch, driver, NCCL, the card"),
        ("hooks", HooksCheck.Of, "an exception in a hook of backward"),
        ("kernels", KernelsCheck.Of, "each operation of a step against the CPU's float32"),
        ("golden", GoldenCheck.Of, "the reference models: features, loss, gradients"),
        ("train", TrainCheck.Of, "many steps: memory stays flat, the loss falls"),
        ("nccl", NcclCheck.Of, "a group of one, a peer that never comes (on processors: Gloo)"),
        ("invariance", InvarianceCheck.Of, "two replicas on one device against one"),
        ("step", StepCheck.Of, "the speed of steps, beside a peer's"),
        ("loss", LossCheck.Of, "time and memory of the loss by the size of its tiles"),
        ("memory", MemoryCheck.Of, "clipd: more memory than there is, a kill, a resume"),
    ];

    public static string Usage { get; } =
        $"""
          gpu CHECK [OPTION VALUE …]: a line of JSON for each check; exit code 1 where one is not ok. CHECK is all, or
        {string.Join('\n', Groups.Select(group => $"      {group.Name,-22} {group.Meaning}"))}
                and the options are
        {GpuOptions.Usage}
        """;

    /// <returns>The exit code: 1 where a check is not ok, 2 where the words cannot be used; null: they make no sense.</returns>
    public static int? Run(string[] words)
    {
        if (words is ["--help"])
        {
            Console.Out.WriteLine(Usage);
            return ExitCodes.Done;
        }
        if (words is not [var name, .. var rest] || !Chosen(name).Any())
            return null;
        try
        {
            var options = GpuOptions.Parse(rest);
            bool isOk = true;
            foreach (var check in Chosen(name).SelectMany(group => group.Checks(options)))
                isOk &= CheckProcess.Run(check with { Bound = options.Bound ?? check.Bound }, [CheckWord, check.Name, .. rest]);
            return isOk ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (BadInputException wrong)
        {
            Console.Error.WriteLine($"error: {wrong.Message}");
            return ExitCodes.BadInput;
        }
    }

    /// <summary>In the process of one check: whatever it throws is part of its line.</summary>
    public static int RunCheck(string name, string[] rest)
    {
        var options = GpuOptions.Parse(rest);
        var check = Groups.SelectMany(group => group.Checks(options)).First(check => check.Name == name);
        var report = new CheckReport();
        try
        {
            check.Run(report);
        }
        catch (BadInputException refused)
        {
            report.Fail(refused.Message);
        }
        catch (Exception thrown)
        {
            report.Fail(thrown.ToString());
        }
        report.End();
        return ExitCodes.Done;
    }

    private static IEnumerable<(string Name, Func<GpuOptions, IEnumerable<GpuCheck>> Checks, string Meaning)> Chosen(string name) =>
        Groups.Where(group => name is All || group.Name == name);
}
