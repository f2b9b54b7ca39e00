using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Preparation;
using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public const string Json = "json";

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

    /// <param name="several">It also takes several GPUs, for a replica each.</param>
    public static Option<DeviceRequest?> Device(bool several = false)
    {
        string form = several ? "cpu, cuda, or GPUs as in cuda:1 and cuda:0,cuda:1" : "cpu, cuda, or a GPU as in cuda:1";
        return new Option<DeviceRequest?>("--device")
        {
            Description = $"What to compute on: {form}; cuda is the first GPU{(several ? ", with more replicas the first ones" : "")}. "
                + "[default: cuda where this build and this machine can, else cpu]",
            HelpName = "name",
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                var request = DeviceRequest.Parse(given);
                if (request is null || !several && request.Gpus is { Count: > 1 })
                    result.AddError($"--device is '{given}'; use {form}.");
                return request;
            },
        };
    }

    public static Option<long?> Memory()
    {
        var memory = new Option<long?>("--memory")
        {
            Description = "Memory that one replica may use, in MiB. [default: an equal share of what the machine has]",
            HelpName = "MiB",
        };
        memory.Validators.Add(result =>
        {
            if (!UnreadValue.IsIn(result) && result.GetValueOrDefault<long?>() is < 1)
                result.AddError("--memory is less than 1; give MiB.");
        });
        return memory;
    }

    public static Option<string[]> Set()
    {
        var set = new Option<string[]>("--set")
        {
            Description = "Changes one value of the spec, as in --set optimizer.lr=0.0005; may be repeated.",
            HelpName = "path=value",
        };
        set.CompletionSources.Add(_ => SpecFieldWords.All.Select(field => new CompletionItem($"{field}=")));
        return set;
    }

    public static CoordinatorOption Coordinator() => new();

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

    /// <summary>For commands of one replica.</summary>
    /// <param name="device">Null: it computes nothing.</param>
    /// <exception cref="BadInputException">The device cannot be used.</exception>
    public static ReplicaOptions Replica(
        ParseResult result, Option<int> threads, Option<string?> libTorch, Option<DeviceRequest?>? device = null)
    {
        string? folder = result.GetValue(libTorch);
        return new ReplicaOptions(result.GetValue(threads), folder)
        {
            Devices = device is null ? null : LocalDevices.Choose(result.GetValue(device), 1, ReplicaProgram.Find(), folder),
        };
    }

    /// <summary>The spec with all its values and absolute paths: it means the same on every host.</summary>
    public static TrainingSpec ReadForHosts(ParseResult result, Argument<string> spec, Option<string[]> set, bool resume)
    {
        var given = SpecReader.ReadCheckedFile(result.GetRequiredValue(spec), result.GetValue(set) ?? [], withModelConfig: !resume);
        var full = SpecDefaults.Fill(given, resume ? ExistingRun.StoredSpec(given) : null);
        SpecPaths.MakeAbsolute(full);
        return full;
    }
}
