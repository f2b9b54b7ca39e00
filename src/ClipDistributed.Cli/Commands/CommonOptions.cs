using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    private const string Json = "json";

    private const int MaxThreads = 1024;

    public static Option<int> Threads()
    {
        var threads = new Option<int>("--threads")
        {
            Description = "Processor threads that work on one tensor operation.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
            HelpName = "count",
        };
        threads.Validators.Add(result =>
        {
            if (
                result.Tokens is [var given]
                && (!int.TryParse(given.Value, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MaxThreads)
            )
                result.AddError($"--threads is '{given.Value}'; use 1 to {MaxThreads}, not more than there are processors.");
        });
        return threads;
    }

    public static Option<string?> LibTorch() => new Option<string?>("--libtorch")
    {
        Description = "A folder of libtorch libraries to use instead of the built-in ones, such as torch/lib of a PyTorch installation.",
        HelpName = "dir",
    }.AsOptionalPath();

    public static Option<long?> Memory()
    {
        var memory = new Option<long?>("--memory")
        {
            Description = "Memory that one replica may use, in MiB. [default: an equal share of what the machine has]",
            HelpName = "MiB",
        };
        memory.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() is < 1)
                result.AddError("--memory is less than 1; give MiB.");
        });
        return memory;
    }

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Changes one value of the spec, as in --set optimizer.lr=0.0005; may be repeated.",
        HelpName = "path=value",
    };

    public static Option<string> Coordinator() =>
        new("--coordinator")
        {
            Description =
                "Address of the coordinator; where several stand by for each other, all of them, separated by commas. The variable "
                + "CLIPD_COORDINATOR changes the default.",
            DefaultValueFactory = _ =>
                Environment.GetEnvironmentVariable("CLIPD_COORDINATOR") is { Length: > 0 } address
                    ? address
                    : CoordinatorClient.DefaultAddress,
            HelpName = "url",
        };

    /// <summary>As for all that lists and shows.</summary>
    public static Option<string> Output(string human = "table", string json = "one document")
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = $"{human}: human-readable; json: {json}.",
            DefaultValueFactory = _ => human,
            HelpName = $"{human}|json",
        };
        return output.AsOneOf(human, Json);
    }

    public static bool IsJson(ParseResult result, Option<string> output) => result.GetValue(output) == Json;

    /// <summary>The same option by its older name.</summary>
    public static Option<bool> JsonFlag() => new("--json") { Description = "The same as -o json." };

    public static bool IsJson(ParseResult result, Option<string> output, Option<bool> flag) =>
        result.GetValue(flag) || IsJson(result, output);

    /// <summary>For commands that encode texts with a trained model.</summary>
    public static Option<string?> Tokenizer() =>
        new Option<string?>("--tokenizer")
        {
            Description =
                "The model's tokenizer where its folder holds none: tokenizer.json, vocab.json beside merges.txt, OpenAI's "
                + "bpe_simple_vocab_16e6.txt.gz, or a folder.",
            HelpName = "path",
        }.AsOptionalPath();

    /// <summary>As requests have it.</summary>
    public static string Tokenizer(ParseResult result, Option<string?> option) =>
        result.GetValue(option) is { } path ? Path.GetFullPath(path) : "";

    public static Argument<string> RunId() => new("run") { Description = "The run's id, such as demo-1." };

    public static Argument<string> Spec() => new Argument<string>("spec") { Description = "A TrainingSpec, YAML or JSON." }.AsPath();

    public static ReplicaOptions Replica(ParseResult result, Option<int> threads, Option<string?> libTorch) =>
        new(result.GetValue(threads), result.GetValue(libTorch));

    /// <summary>The spec with all its values and absolute paths: it means the same on every host.</summary>
    public static TrainingSpec ReadForHosts(ParseResult result, Argument<string> spec, Option<string[]> set, bool resume)
    {
        var given = SpecReader.ReadCheckedFile(result.GetRequiredValue(spec), result.GetValue(set) ?? [], withModelConfig: !resume);
        var full = SpecDefaults.Fill(given, resume ? ExistingRun.StoredSpec(given) : null);
        SpecPaths.MakeAbsolute(full);
        return full;
    }
}
