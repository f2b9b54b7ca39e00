using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Tensors.Trainings;
using Objective = ClipDistributed.Contracts.Spec.V1.Loss;

namespace ClipDistributed.Training.Tests.Member;

/// <summary>A training with another libtorch than the one that lies with this program.</summary>
public static class OtherLibTorch
{
    public static RepeatableTraining Training { get; } =
        new InvarianceCase(World: 1, Objective.Softmax, OptimizerName.Adamw, UnevenShares: false).Training() with { Steps = 2 };

    /// <summary>Prints each step's loss, and the path of each library of libtorch that this process holds.</summary>
    public static void Run()
    {
        foreach (var result in Training.Run(world: 1).Results)
            Console.WriteLine($"loss {result.Loss:R}");
        var libraries = File.ReadLines("/proc/self/maps")
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(5))
            .Where(path => Path.GetFileName(path) is { } name && (name.StartsWith("libtorch", StringComparison.Ordinal)
                || name.StartsWith("libc10", StringComparison.Ordinal) || name.StartsWith("libgomp", StringComparison.Ordinal)));
        foreach (string? library in libraries.Distinct().Order(StringComparer.Ordinal))
            Console.WriteLine(library);
    }
}
