using System.CommandLine;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd model export FOLDER --to open_clip|hf --out DIR</c></summary>
internal static class ModelExportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        {
            Description =
                "A model: a checkpoint, a folder of OpenCLIP or Hugging Face, a run of OpenCLIP, or a file of weights beside its config.",
        }.AsPath();
        var to = new Option<string>("--to") { Description = "The form to write: open_clip or hf.", Required = true };
        to.AsOneOf(ModelFolderKind.OpenClip.Name, ModelFolderKind.HuggingFace.Name);
        var target = new Option<string>("--out")
        {
            Description = "The folder to write; it must not exist yet, or be empty.",
            HelpName = "dir",
            Required = true,
        }.AsPath();
        var threads = CommonOptions.Threads();
        var libTorch = CommonOptions.LibTorch();
        var command = new Command("export", "Writes a model's config, weights and tokenizer in "
            + "another form.") { folder, to, target, threads, libTorch };
        command.SetAction(async (result, cancel) =>
        {
            string from = result.GetRequiredValue(folder), into = Path.GetFullPath(result.GetRequiredValue(target));
            OutputPath.CheckFolder(into, "--out", empty: true);
            var config = ModelSource.Find(from).ReadConfig();
            if (result.GetRequiredValue(to) == ModelFolderKind.HuggingFace.Name)
                HuggingFaceWriter.Check(config); // says at once what that form cannot express
            var request = new ExportRequest(Path.GetFullPath(from), result.GetRequiredValue(to), into);
            await ReplicaProcess.RunAsync(CommonOptions.Replica(result, threads, libTorch), request, _ => { });
            var table = new TextTable(Column.Path("file"), "size");
            foreach (var file in new DirectoryInfo(into).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
                table.Add(file.FullName, Quantities.Bytes(file.Length));
            table.Write();
            return ExitCodes.Done;
        });
        return command;
    }
}
