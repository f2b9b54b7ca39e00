using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd model info</c> and <c>clipd model export</c> as processes, on the reference implementation's own weights.</summary>
public sealed class ModelCommandsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-model-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Info_ReferenceResNet_ShowsTowersAndPublishedCount()
    {
        Place("resnet_quickgelu", "m");
        var table = Clipd.Run(folder, "model", "info", "m");
        Assert.Equal(0, table.ExitCode);
        Assert.Contains("ResNet, 1-1-1-1 blocks, width 6, attention pool of 3 heads", table.Output);
        Assert.Contains("216,749 (image ", table.Output); // what the reference counts; running statistics are not parameters
        Assert.Contains("quick-GELU", table.Output);

        var json = JsonNode.Parse(Clipd.Run(folder, "model", "info", "m", "--json").Output)!;
        Assert.Equal(216_749, json["parameters"]!.GetValue<long>());
        Assert.Equal(
            json["parameters"]!.GetValue<long>(),
            json["image_parameters"]!.GetValue<long>() + json["text_parameters"]!.GetValue<long>() + 1
        );
        Assert.Equal(64, json["model"]!["vision_cfg"]!["image_size"]!.GetValue<int>());
        Assert.Equal(
            new FileInfo(Path.Combine(folder, "m", "open_clip_model.safetensors")).Length,
            json["files"]!["open_clip_model.safetensors"]!.GetValue<long>()
        );
    }

    [Fact]
    public void Export_ToHuggingFaceAndBack_GivesTheSameWeights()
    {
        Place("vit_quickgelu", "m");
        File.WriteAllText(Path.Combine(folder, "m", "tokenizer.json"), "{}");
        var there = Clipd.Run(folder, "model", "export", "m", "--to", "hf", "--out", "hf", "--threads", "1");
        Assert.True(there.ExitCode == 0, there.Errors);
        Assert.Contains("preprocessor_config.json", there.Output);
        Assert.Equal(0, Clipd.Run(folder, "model", "export", "hf", "--to", "open_clip", "--out", "back", "--threads", "1").ExitCode);
        Assert.Equal("{}", File.ReadAllText(Path.Combine(folder, "back", "tokenizer.json")));
        foreach (string form in new[] { "m", "hf", "back" })
            Assert.Equal(Counts("m"), Counts(form));
    }

    [Theory]
    [InlineData(
        "hf",
        "out",
        "vision_cfg.layers is [1, 1, 1, 1], a ResNet; Hugging Face's CLIPModel has no such thing, export to open_clip instead."
    )]
    [InlineData("open_clip", "m", "m is not empty; name a folder that does not exist yet.")]
    [InlineData("torch", "out", "'torch'")]
    public void Export_WhatCannotBe_IsOneLine(string to, string target, string expected)
    {
        Place("resnet_quickgelu", "m");
        var refused = Clipd.Run(folder, "model", "export", "m", "--to", to, "--out", target, "--threads", "1");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(expected, refused.ErrorLines[0]);
    }

    [Fact]
    public void Info_NoModel_SaysWhatIsLookedFor()
    {
        Directory.CreateDirectory(Path.Combine(folder, "empty"));
        var refused = Clipd.Run(folder, "model", "info", "empty");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("has neither open_clip_config.json (OpenCLIP) nor config.json (Hugging Face).", Assert.Single(refused.ErrorLines));
    }

    private string Counts(string name)
    {
        var about = JsonNode.Parse(Clipd.Run(folder, "model", "info", name, "--json").Output)!;
        return $"{about["parameters"]} {about["image_parameters"]} {about["text_parameters"]} {about["model"]!["vision_cfg"]!["width"]}";
    }

    /// <summary>A fixture as a model folder.</summary>
    private void Place(string fixture, string name)
    {
        string models = Fixtures.File("models"), target = Path.Combine(folder, name);
        Directory.CreateDirectory(target);
        var model = JsonNode.Parse(File.ReadAllText(Path.Combine(models, $"{fixture}.json")))!["model"]!;
        File.WriteAllText(
            Path.Combine(target, "open_clip_config.json"),
            new JsonObject { ["model_cfg"] = model.DeepClone() }.ToJsonString(JsonSerializerOptions.Default)
        );
        File.Copy(Path.Combine(models, $"{fixture}.weights.safetensors"), Path.Combine(target, "open_clip_model.safetensors"));
    }
}
