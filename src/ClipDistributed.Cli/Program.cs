using ClipDistributed.Cli;

// Before the assemblies are loaded for which there may be no room.
if (OpenFiles.FindTooFew() is { } tooFew)
{
    Console.Error.WriteLine($"error: {tooFew}");
    return 2;
}
return await CommandLine.RunAsync(ClipdCommands.Create(), args);
