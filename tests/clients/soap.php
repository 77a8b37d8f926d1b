<?php
// Usage: php soap.php WSDL-URL CALLS.json: make the calls, and print the answers as JSON by operation.
[, $url, $path] = $argv;
$asked = json_decode(file_get_contents($path), true);
$client = new SoapClient($url, ['cache_wsdl' => WSDL_CACHE_NONE]);
$answers = ['operations' => array_map(fn ($line) => preg_match('/ (\w+)\(/', $line, $found) ? $found[1] : $line, $client->__getFunctions())];
foreach ($asked['calls'] as ['operation' => $operation, 'parts' => $parts]) {
    try {
        $answer = $client->$operation(['headerMessage' => $asked['header']] + $parts);
        $answers[$operation] = $answer->{$operation . 'Result'};
    } catch (SoapFault $fault) {
        $answers[$operation] = $fault->getMessage();
    }
}
echo json_encode($answers, JSON_THROW_ON_ERROR);
