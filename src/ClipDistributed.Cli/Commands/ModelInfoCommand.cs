using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Models;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd model info FOLDER</c></summary>
internal static class ModelInfoCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        {
            Description =
                "A model: a checkpoint, a folder of OpenCLIP or Hugging Face, a run of OpenCLIP, or a file of weights beside its config.",
        }.AsPath();
        var json = CommonOptions.JsonFlag();
        var output = CommonOptions.Output();
        var command = new Command("info", "Shows what a model holds.") { folder, output, json };
        command.SetAction(result =>
        {
            var model = ModelDescription.Read(result.GetRequiredValue(folder));
            if (CommonOptions.IsJson(result, output, json))
                Console.WriteLine(model.ToJson());
            else
                Write(model);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(ModelDescription about)
    {
        var (model, text) = (about.Model, about.Model.TextCfg);
        var table = new DetailList();
        table.Add("folder", about.Folder);
        table.Add("weights", Path.GetRelativePath(about.Folder, about.Weights));
        table.Add("form", about.Form == ModelFolderKind.OpenClip.Name ? "OpenCLIP (open_clip)" : "Hugging Face CLIPModel (hf)");
        table.Add("architecture", about.Preset ?? "of no preset");
        table.Add("image tower", model.VisionCfg.Form.Summary);
        table.Add("text tower", $"transformer, {text.Layers} blocks, width {text.Width}, {Counted.Plain(text.Heads, "head")}");
        table.Add("embedding", Show($"{model.EmbedDim}"));
        table.Add("activation", model.QuickGelu ? "quick-GELU" : "GELU");
        string formats = string.Join(", ", about.NumberFormats);
        table.Add(
            "parameters",
            Show($"{about.Parameters:N0} (image {about.ImageParameters:N0}, text {about.TextParameters:N0}) as {formats}")
        );
        table.Add("context", Show($"{Counted.Plain(text.ContextLength, "token")}"));
        table.Add("vocabulary", Show($"{text.VocabSize:N0}"));
        table.Add("image size", Show($"{model.VisionCfg.ImageSize} px"));
        table.Add(
            "preprocessing",
            $"{about.Preprocess.Interpolation}, {about.Preprocess.ResizeMode} side, mean "
                + $"[{Numbers(about.Preprocess.Mean)}], std [{Numbers(about.Preprocess.Std)}]"
        );
        foreach (var (name, bytes) in about.Files)
            table.Add($"file {name}", Quantities.Bytes(bytes));
        table.Write();
    }

    private static string Numbers(double[] values) =>
        string.Join(", ", values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)));

    private static string Show(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
