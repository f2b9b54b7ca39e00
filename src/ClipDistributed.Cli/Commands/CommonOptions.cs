using System.CommandLine;
using ClipDistributed.Cli.Replicas;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<int> Threads() => new("--threads")
    {
        Description = "Threads of one tensor operator.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        HelpName = "count",
    };

    public static Option<string?> LibTorch() => new("--libtorch")
    {
        Description = "A folder of libtorch libraries to use instead of the built-in one, for example torch/lib of a PyTorch installation.",
        HelpName = "dir",
    };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Changes one value of the spec, for example --set optimizer.lr=0.0005; may be repeated.",
        HelpName = "path=value",
    };

    public static Argument<string> Spec() => new("spec") { Description = "A TrainingSpec, YAML or JSON." };

    public static ReplicaOptions Replica(ParseResult result, Option<int> threads, Option<string?> libTorch) =>
        new(result.GetValue(threads), result.GetValue(libTorch));
}
