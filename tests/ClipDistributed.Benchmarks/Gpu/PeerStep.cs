using System.Diagnostics;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>The step of OpenCLIP, or of the same towers in plain PyTorch where it is not installed: a process of peer_step.py.</summary>
internal static class PeerStep
{
    private static string Script { get; } = Path.Combine(AppContext.BaseDirectory, "Gpu", "peer_step.py");

    /// <returns>What the script prints: rows, samples_per_second, and versions.</returns>
    /// <exception cref="BadInputException">This Python cannot run it; its standard error says why.</exception>
    public static JsonObject Run(string python, PeerSize size)
    {
        string[] arguments =
        [
            Script, "--model", size.Preset, "--shape", Shape(size.Model).ToJsonString(), "--device", size.Device, "--rows", $"{size.Rows}",
        ];
        using var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string? line = output.Split('\n').LastOrDefault(line => line.StartsWith('{'));
        return process.ExitCode == 0 && line is not null
            ? JsonNode.Parse(line)!.AsObject()
            : throw new BadInputException($"{python} ended with exit code {process.ExitCode}; --peer needs a Python with PyTorch.");
    }

    /// <summary>What plain PyTorch builds the towers from.</summary>
    private static JsonObject Shape(ModelConfig model) => new()
    {
        ["embed"] = model.EmbedDim,
        ["image_size"] = model.VisionCfg.ImageSize,
        ["patch"] = model.VisionCfg.PatchSize,
        ["image_width"] = model.VisionCfg.Width,
        ["image_layers"] = model.VisionCfg.Form.Blocks,
        ["image_heads"] = model.VisionCfg.Width / model.VisionCfg.HeadWidth,
        ["context"] = model.TextCfg.ContextLength,
        ["vocabulary"] = model.TextCfg.VocabSize,
        ["text_width"] = model.TextCfg.Width,
        ["text_layers"] = model.TextCfg.Layers,
        ["text_heads"] = model.TextCfg.Heads,
    };
}

/// <summary>How large the peer's step is.</summary>
/// <param name="Rows">Pairs at once; half of them where they do not fit.</param>
internal sealed record PeerSize(string Preset, ModelConfig Model, string Device, int Rows);
