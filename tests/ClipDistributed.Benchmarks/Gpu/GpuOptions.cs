using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Native;
using ClipDistributed.TestKit.Files;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>What the words after <c>gpu CHECK</c> say; on processors the sizes are smaller where none are given.</summary>
internal sealed class GpuOptions
{
    private const string Cpu = "cpu";

    private static readonly (string Name, string Value, string Meaning)[] Known =
    [
        ("--device", "cpu|cuda:N", "where to compute (cuda:0)"),
        ("--libtorch", "DIR", "the libraries of another libtorch, such as torch/lib of a PyTorch installation"),
        ("--fixtures", "DIR", "the golden vectors (those beside this program)"),
        ("--clipd", "FILE", "clipd, which memory runs (bin/clipd)"),
        ("--bound", "SECONDS", "how long each check may take (its own bound)"),
        ("--steps", "COUNT", "of train (500; on processors 12)"),
        ("--presets", "NAME,…", "of step (ViT-B-32,ViT-B-16,ViT-L-14; on processors tiny)"),
        ("--micro", "ROWS", "of step, the largest that is tried; half of it follows where memory ends (4096; on processors 8)"),
        ("--peer", "PYTHON", "of step, a Python with PyTorch, and OpenCLIP where it is installed, that runs the same step"),
        ("--peak", "TFLOPS", "of step, what the device's bfloat16 products reach at most (of known cards)"),
        ("--pairs", "COUNT", "of loss (32768; on processors 1024)"),
        ("--tiles", "COUNT,…", "of loss, rows and columns of a tile of logits (1024,4096,8192; on processors 256,1024)"),
    ];

    private readonly Dictionary<string, string> given = [];

    private GpuOptions()
    {
    }

    /// <summary>A line for each option.</summary>
    public static string Usage { get; } =
        string.Join('\n', Known.Select(option => $"      {$"{option.Name} {option.Value}",-22} {option.Meaning}"));

    public string Device => given.GetValueOrDefault("--device", "cuda:0");

    public bool IsCpu => Device == Cpu;

    public string? LibTorchFolder => given.GetValueOrDefault("--libtorch") is { } folder ? Path.GetFullPath(folder) : null;

    public string FixturesFolder => Path.GetFullPath(given.GetValueOrDefault("--fixtures", Fixtures.File()));

    public string Clipd => Path.GetFullPath(given.GetValueOrDefault("--clipd", RepositoryFolder.File("bin", "clipd")));

    public TimeSpan? Bound => given.ContainsKey("--bound") ? TimeSpan.FromSeconds(Number("--bound", 0)) : null;

    public int Steps => (int)Number("--steps", IsCpu ? 12 : 500);

    public string[] Presets => List("--presets", IsCpu ? "tiny" : "ViT-B-32,ViT-B-16,ViT-L-14");

    public int MaxMicroBatch => (int)Number("--micro", IsCpu ? 8 : 4096);

    /// <summary>Null: no peer is measured.</summary>
    public string? Peer => given.GetValueOrDefault("--peer");

    /// <summary>TFLOP/s; null: not given.</summary>
    public double? Peak => given.ContainsKey("--peak") ? Number("--peak", 0) : null;

    public int Pairs => (int)Number("--pairs", IsCpu ? 1024 : 32768);

    public int[] Tiles => [.. List("--tiles", IsCpu ? "256,1024" : "1024,4096,8192").Select(tile => (int)Positive("--tiles", tile))];

    /// <exception cref="BadInputException">A word is not known, or a value is none.</exception>
    public static GpuOptions Parse(IReadOnlyList<string> words)
    {
        var options = new GpuOptions();
        for (int i = 0; i < words.Count; i += 2)
        {
            if (!Known.Any(option => option.Name == words[i]))
                throw new BadInputException($"{words[i]} is not known; use {string.Join(", ", Known.Select(option => option.Name))}.");
            if (i + 1 == words.Count)
                throw new BadInputException($"{words[i]} has no value; give {Known.First(option => option.Name == words[i]).Value}.");
            options.given[words[i]] = words[i + 1];
        }
        // A number that is none is found here, not by the checks that use it.
        _ = (options.Bound, options.Steps, options.MaxMicroBatch, options.Peak, options.Pairs, options.Tiles);
        return options;
    }

    /// <summary>Loads libtorch and opens the device.</summary>
    /// <exception cref="BadInputException">One of them cannot be used.</exception>
    public Device Open()
    {
        LibTorch.Load(LibTorchFolder, IsCpu ? 1 : Math.Min(8, Environment.ProcessorCount));
        return ComputeDevice.Open(Device);
    }

    private string[] List(string name, string fallback) =>
        given.GetValueOrDefault(name, fallback).Split(',', StringSplitOptions.RemoveEmptyEntries);

    private double Number(string name, double fallback) => given.TryGetValue(name, out string? word) ? Positive(name, word) : fallback;

    private static double Positive(string name, string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is > 0 and < 1e9
            ? number
            : throw new BadInputException($"{name} is {word}; give a number above 0.");
}
